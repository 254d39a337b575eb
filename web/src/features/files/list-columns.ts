/** The columns of a row and of the header above it: the box, the name, size, when, who, the menu. */
export const listColumns = 'grid grid-cols-[2.25rem_minmax(0,1fr)_2.75rem] @min-[35rem]:grid-cols-[2.25rem_minmax(0,1fr)_6rem_9rem_2.75rem] @min-[56rem]:grid-cols-[2.25rem_minmax(0,1fr)_6rem_9rem_10rem_2.75rem] items-center gap-x-2 @min-[35rem]:gap-x-4 px-2 lg:px-4'
