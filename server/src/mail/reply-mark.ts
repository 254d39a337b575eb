/** A line that begins so stands in what we write on top of what is answered: above it is the answer. It is in no other text, and mail programs keep it when they quote. */
export const REPLY_MARK = '✂'
