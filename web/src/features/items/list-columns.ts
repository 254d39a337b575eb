/** The columns of a row and of the header above it: the box, the name, size, when, who, the menu. Widest, when is told twice: how long ago and exactly. */
export const listColumns = [
  'grid items-center gap-x-2 px-2 @min-[35rem]:gap-x-4 lg:px-4',
  'grid-cols-[2.25rem_minmax(0,1fr)_2.75rem]',
  '@min-[35rem]:grid-cols-[2.25rem_minmax(0,1fr)_5.5rem_10.5rem_2.75rem]',
  '@min-[56rem]:grid-cols-[2.25rem_minmax(0,1fr)_5.5rem_10.5rem_minmax(9rem,14rem)_2.75rem]',
  '@min-[84rem]:grid-cols-[2.25rem_minmax(0,1fr)_7rem_17rem_minmax(12rem,18rem)_2.75rem]',
].join(' ')
