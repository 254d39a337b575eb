/** What is chosen in a list, where a range begins, and where the keyboard is. */
export interface Selection {
  ids: ReadonlySet<string>
  anchor: string | null
  active: string | null
}

export const noSelection: Selection = {
  ids: new Set(),
  anchor: null,
  active: null,
}

function range(order: readonly string[], from: string | null, to: string): string[] {
  const a = from === null
    ? -1
    : order.indexOf(from)
  const b = order.indexOf(to)
  if (b < 0) return []
  return a < 0
    ? [to]
    : order.slice(Math.min(a, b), Math.max(a, b) + 1)
}

/** A click: alone it chooses one, with Ctrl it adds or takes away, with Shift it stretches from the anchor. */
export function click(selection: Selection, order: readonly string[], id: string, keys: { shift?: boolean, toggle?: boolean } = {}): Selection {
  if (keys.shift) {
    const stretched = range(order, selection.anchor, id)
    return {
      ids: new Set(keys.toggle
        ? [
            ...selection.ids,
            ...stretched,
          ]
        : stretched),
      anchor: selection.anchor ?? id,
      active: id,
    }
  }
  if (keys.toggle) return toggle(selection, id)
  return {
    ids: new Set([id]),
    anchor: id,
    active: id,
  }
}

export function toggle(selection: Selection, id: string): Selection {
  const ids = new Set(selection.ids)
  if (!ids.delete(id)) ids.add(id)
  return { ids, anchor: id, active: id }
}

/** An arrow: `by` rows down (negative: up). Shift stretches, Ctrl only moves. */
export function move(selection: Selection, order: readonly string[], by: number, keys: { shift?: boolean, only?: boolean } = {}): Selection {
  if (order.length === 0) return selection
  const at = selection.active === null
    ? -1
    : order.indexOf(selection.active)
  const next = at < 0
    ? by > 0
      ? 0
      : order.length - 1
    : Math.min(order.length - 1, Math.max(0, at + by))
  const id = order[next]!
  if (keys.only) return { ...selection, active: id }
  return click(at < 0
    ? noSelection
    : selection, order, id, { shift: keys.shift })
}

export function selectAll(selection: Selection, order: readonly string[]): Selection {
  return {
    ids: new Set(order),
    anchor: order[0] ?? null,
    active: selection.active ?? order[0] ?? null,
  }
}

/** So much less is chosen. */
export function without(selection: Selection, gone: ReadonlySet<string>): Selection {
  return {
    ...selection,
    ids: new Set([...selection.ids].filter(id => !gone.has(id))),
  }
}

/**
 * After the list has changed: what is gone is no longer chosen, and the keyboard stands where it stood.
 * @param known what the list has, as far as anybody knows; more than `order` when not all of it is loaded
 */
export function reconcile(selection: Selection, order: readonly string[], before: readonly string[], known: { has: (id: string) => boolean } = new Set(order)): Selection {
  const there = new Set(order)
  const ids = new Set([...selection.ids].filter(id => known.has(id)))
  const keep = (id: string | null) => id !== null && there.has(id)
    ? id
    : null
  let active = keep(selection.active)
  if (active === null && selection.active !== null && order.length > 0) active = order[Math.min(Math.max(0, before.indexOf(selection.active)), order.length - 1)]!
  return {
    ids,
    anchor: keep(selection.anchor),
    active,
  }
}
