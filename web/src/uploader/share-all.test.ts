import type { Transfer } from './transfer.ts'
import { describe, expect, it } from 'vitest'
import { whatToShare } from './share-all.ts'

const done = (name: string, way: Transfer['way'] = [], more: Partial<Transfer> = {}) => ({
  id: name,
  batchId: 'now',
  workspaceId: 'w',
  state: 'done',
  item: {
    id: name,
    name,
    parentId: 'p',
    permissions: ['see', 'share'],
  },
  way,
  ...more,
}) as Transfer
const made = { id: 'made', name: 'Made', madeFor: 'now' }
const there = { id: 'there', name: 'There' }

describe('what is shared of all that went up', () => {
  it('is the highest folder that was made for it, and each file elsewhere', () => {
    expect(whatToShare([
      done('a', [made]),
      done('b', [
        made,
        { id: 'below', name: 'Below', madeFor: 'now' },
      ]),
      done('c', [there]),
      done('d', [
        there,
        { id: 'new', name: 'New', madeFor: 'now' },
      ]),
      done('e'),
      done('f', [], { state: 'skipped' }),
    ])).toEqual({
      workspaceId: 'w',
      files: 5,
      items: [
        { id: 'made', kind: 'folder', name: 'Made' },
        { id: 'c', kind: 'file', name: 'c' },
        { id: 'new', kind: 'folder', name: 'New' },
        { id: 'e', kind: 'file', name: 'e' },
      ],
    })
  })

  it('is no folder made by an upload that is no longer in the list', () => {
    expect(whatToShare([
      done('a', [
        { ...made, madeFor: 'before' },
      ]),
    ])?.items).toEqual([
      { id: 'a', kind: 'file', name: 'a' },
    ])
  })

  it('is nothing where one link cannot lead to all of it, or the person may not share it', () => {
    expect(whatToShare([])).toBeUndefined()
    expect(whatToShare([
      done('a'),
      done('b', [], { workspaceId: 'other' }),
    ])).toBeUndefined()
    expect(whatToShare([
      done('a'),
      done('b', [], {
        item: {
          id: 'b',
          name: 'b',
          parentId: 'p',
          permissions: ['see'],
        },
      }),
    ])).toBeUndefined()
    expect(whatToShare(Array.from({ length: 1001 }, (_, n) => done(`${n}`)))).toBeUndefined()
  })
})
