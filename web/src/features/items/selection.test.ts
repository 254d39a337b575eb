import { describe, expect, it } from 'vitest'
import { click, move, noSelection, reconcile, selectAll, toggle, without } from './selection.ts'

const order = ['a', 'b', 'c', 'd', 'e']
const ids = (selection: { ids: ReadonlySet<string> }) => [...selection.ids].sort().join('')

describe('selection', () => {
  it('chooses one, adds by Ctrl, stretches by Shift from the anchor in both directions', () => {
    const one = click(noSelection, order, 'c')
    expect(ids(one)).toBe('c')
    expect(ids(click(one, order, 'e', { toggle: true }))).toBe('ce')
    expect(ids(click(one, order, 'e', { shift: true }))).toBe('cde')
    expect(ids(click(click(one, order, 'e', { shift: true }), order, 'a', { shift: true }))).toBe('abc')
  })

  it('adds a range by Ctrl+Shift', () => {
    const two = click(click(noSelection, order, 'a'), order, 'd', { toggle: true })
    expect(ids(click(two, order, 'e', { shift: true, toggle: true }))).toBe('ade')
  })

  it('moves with arrows, stops at the ends, stretches with Shift, only moves with Ctrl', () => {
    const first = move(noSelection, order, 1)
    expect(first.active).toBe('a')
    expect(move(first, order, -1).active).toBe('a')
    expect(ids(move(move(first, order, 1, { shift: true }), order, 1, { shift: true }))).toBe('abc')
    const moved = move(first, order, 3, { only: true })
    expect([
      ids(moved),
      moved.active,
    ]).toEqual(['a', 'd'])
    expect(move(noSelection, order, -1).active).toBe('e')
    expect(move(noSelection, [], 1)).toBe(noSelection)
  })

  it('toggles and takes all', () => {
    expect(ids(toggle(toggle(noSelection, 'b'), 'b'))).toBe('')
    expect(ids(selectAll(noSelection, order))).toBe('abcde')
  })

  it('is true of what is not loaded too, until it is gone', () => {
    const all = selectAll(click(noSelection, order, 'c'), [...order, 'f', 'g', 'h'])
    const one = toggle(all, 'b')
    expect(ids(one)).toBe('acdefgh')
    expect(ids(without(one, new Set(['a', 'g'])))).toBe('cdefh')
    // Somebody has deleted d and g, and another has come to the end of what is loaded.
    const after = reconcile(one, ['a', 'b', 'c', 'e', 'new'], order, new Set(['a', 'b', 'c', 'e', 'f', 'h', 'new']))
    expect([
      ids(after),
      after.active,
      after.anchor,
    ]).toEqual(['acefh', 'b', 'b'])
    // A range is one of loaded rows.
    expect(ids(click(after, ['a', 'b', 'c', 'e', 'new'], 'e', { shift: true }))).toBe('bce')
  })

  it('stays where it was when rows go', () => {
    const chosen = selectAll(click(noSelection, order, 'c'), order)
    const after = reconcile(chosen, ['a', 'b', 'd'], order)
    expect([
      ids(after),
      after.active,
    ]).toEqual(['abd', 'd'])
    expect(reconcile(click(noSelection, order, 'e'), ['a'], order).active).toBe('a')
    expect(reconcile(click(noSelection, order, 'e'), [], order)).toEqual({
      ids: new Set(),
      anchor: null,
      active: null,
    })
  })
})
