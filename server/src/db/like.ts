/** For `like` and `ilike`: the text as it is, with no sign in it that stands for others. */
export const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&')

/** Anything that has the text in it. */
export const containing = (text: string) => `%${escapeLike(text)}%`
