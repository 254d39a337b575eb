import { expect, it } from 'vitest'
import { diffTexts } from './text-diff.ts'

const joined = (blocks: ReturnType<typeof diffTexts>, without: 'added' | 'removed') =>
  blocks.flatMap(block => block.parts).filter(part => part.kind !== without).map(part => part.text).join('')

it('compares changed lines word by word and keeps the rest whole', () => {
  const blocks = diffTexts('# Privacy\n\nWe keep logs for 30 days.\n\nWrite to us.\n', '# Privacy\n\nWe keep logs for 14 days.\n\nWrite to us.\n')
  expect(blocks.map(block => block.changed)).toEqual([
    false,
    true,
    false,
  ])
  expect(blocks[1]!.parts).toEqual([
    { kind: 'same', text: 'We keep logs for ' },
    { kind: 'removed', text: '30' },
    { kind: 'added', text: '14' },
    { kind: 'same', text: ' days.\n' },
  ])
})

it('loses nothing of either text', () => {
  const from = 'one\ntwo\nthree\nfour\n'
  const to = 'zero\none\nTWO\nfour\nfive\n'
  const blocks = diffTexts(from, to)
  expect(joined(blocks, 'added')).toBe(from)
  expect(joined(blocks, 'removed')).toBe(to)
})

it('finds no change where only line ends differ', () => {
  expect(diffTexts('a\r\nb', 'a\nb\n').some(block => block.changed)).toBe(false)
  expect(diffTexts('', '')).toEqual([])
})
