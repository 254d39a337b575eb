import type { PolicyAnswers } from './question-words.ts'
import { describe, expect, it } from 'vitest'
import { answerInShort, changedTexts } from './question-words.ts'

const answers: PolicyAnswers = {
  organisation: 'Northwind',
  address: '1 Harbour Road\r\n\nHamburg ',
  mode: 'hosted',
  contact: { by: 'form' },
  vendors: [],
  analytics: 'off',
  backups: { days: 30, place: 'Hamburg' },
  plans: { processor: 'Example Pay' },
  jurisdiction: null,
  authority: null,
}
const say = (key: string, value?: unknown) => typeof value === 'number'
  ? `${key} ${value}`
  : key

describe('an answer on one line', () => {
  it.each([
    ['address', '1 Harbour Road, Hamburg'],
    ['contact', 'policies.questions.contact.form'],
    ['vendors', 'policies.questions.vendors.none'],
    ['backups', 'policies.questions.backups.short 30, Hamburg'],
    ['plans', 'Example Pay'],
    ['jurisdiction', ''],
    ['mode', 'policies.questions.mode.hosted'],
  ] as const)('says of %s %s', (name, words) => {
    expect(answerInShort(name, answers, say)).toBe(words)
  })

  it('gives the address rather than the form', () => {
    expect(answerInShort('contact', {
      ...answers,
      contact: { by: 'address', email: 'a@example.com' },
    }, say)).toBe('a@example.com')
  })
})

describe('what an answer has changed', () => {
  it('is what was not there before, each as often as it is there', () => {
    expect(changedTexts(['a', 'b', 'b'], ['a', 'b', 'c', 'b', 'b'])).toEqual([2, 4])
    expect(changedTexts(['a', 'b'], ['b', 'a'])).toEqual([])
    expect(changedTexts([], ['a'])).toEqual([0])
  })
})
