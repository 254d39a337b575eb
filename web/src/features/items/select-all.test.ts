import type { Selection } from './selection.ts'
import { describe, expect, it } from 'vitest'
import { computed, effectScope, ref, shallowRef } from 'vue'
import { mostSelected, useSelectAll } from './composables/useSelectAll.ts'
import { noSelection } from './selection.ts'

/** A list of so many, of which a hundred are loaded, and a hundred more each time they are asked for. */
function listOf(total: number, onLoad: (loaded: number) => void = () => {}) {
  const loaded = ref(Math.min(100, total))
  const error = shallowRef<unknown>(null)
  const name = ref('a folder')
  const selection = shallowRef<Selection>(noSelection)
  const failures: unknown[] = []
  const all = effectScope().run(() => useSelectAll({
    name,
    order: computed(() => Array.from({ length: loaded.value }, (_, at) => String(at))),
    hasMore: computed(() => loaded.value < total),
    loadMore: async () => {
      await Promise.resolve()
      onLoad(loaded.value)
      if (!error.value) loaded.value = Math.min(total, loaded.value + 100)
    },
    error,
    selection,
    onFailed: failure => failures.push(failure),
  }))!
  return {
    all,
    error,
    name,
    selection,
    failures,
  }
}

describe('all of a list', () => {
  it('is loaded page after page, which shows, and then chosen', async () => {
    const shown: unknown[] = []
    const list = listOf(450, () => shown.push(list.all.loaded.value))
    await list.all.run()
    expect(shown).toEqual([100, 200, 300, 400])
    expect(list.selection.value.ids.size).toBe(450)
    expect(list.all.loaded.value).toBeUndefined()
    expect(list.all.isCut.value).toBe(false)
  })

  it('is no more than can be sent at once, and says so', async () => {
    const list = listOf(2500)
    await list.all.run()
    expect(list.selection.value.ids.size).toBe(mostSelected)
    expect(list.all.isCut.value).toBe(true)
  })

  it('is not chosen when one stops, goes elsewhere or a page does not come', async () => {
    const stopped = listOf(450, loaded => loaded === 200 && stopped.all.stop())
    await stopped.all.run()
    const left = listOf(450, (loaded) => { if (loaded === 200) left.name.value = 'another folder' })
    await left.all.run()
    const broken = listOf(450, (loaded) => { if (loaded === 200) broken.error.value = new Error('away') })
    await broken.all.run()
    for (const { selection, all } of [stopped, left, broken]) {
      expect(selection.value.ids.size).toBe(0)
      expect(all.loaded.value).toBeUndefined()
    }
    expect(broken.failures).toEqual([
      new Error('away'),
    ])
    expect([
      ...stopped.failures,
      ...left.failures,
    ]).toEqual([])
  })
})
