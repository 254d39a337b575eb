/** Whether all the words are in the text, in any order and case: for lists that are here as a whole. */
export function matchesWords(text: string, words: string): boolean {
  const there = text.toLocaleLowerCase()
  return words.toLocaleLowerCase().split(/\s+/).every(word => there.includes(word))
}
