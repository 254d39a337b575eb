import { expect, it } from 'vitest'
import { changedWords, changeInWords } from './drift-words.ts'

const table = (...rows: string[]) => ['| What | How long | Since |', '| --- | --- | --- |', ...rows].join('\n')

it('says of a table which cells of which rows are others', () => {
  expect(changedWords(
    table('| Trash | 30 days | deletion |', '| Mails | 90 days | sending |', '| Old | 1 day | use |'),
    table('| Trash | 17 days | deletion |', '| Mails | 90 days | sending |', '| New \\| more | 2 days | use |'),
  )).toEqual({ then: 'Trash: 30 days; Old: 1 day, use', now: 'Trash: 17 days; New \\| more: 2 days, use' })
})

it('says of other blocks which lines are others, and of words in a line all of them', () => {
  expect(changedWords('- a\n- b', '- a\n- c')).toEqual({ then: 'b', now: 'c' })
  expect(changedWords('30 days', '17 days')).toEqual({ then: '30 days', now: '17 days' })
})

it('is a line of plain words for a summary', () => {
  expect(changeInWords('Address', { then: '1 Main\\_Street', now: '[form](<https://x.example>)' })).toBe('Address: 1 Main_Street → form')
  expect(changeInWords('How long', { then: 'Trash: 30 days', now: 'Trash: 17 days' })).toBe('Trash: 30 days → 17 days')
  expect(changeInWords('Cookies', { then: '', now: '`a`: a day' })).toBe('Cookies: a: a day')
})
