import { expect, it } from 'vitest'
import { matchesWords } from './matches-words.ts'

it('finds all the words in any order and case, or parts of them', () => {
  for (const words of ['keller', 'ROBIN kel', 'north  robin']) expect(matchesWords('Robin Keller robin@northwind.example', words)).toBe(true)
  for (const words of ['kellner', 'robin olive']) expect(matchesWords('Robin Keller robin@northwind.example', words)).toBe(false)
})
