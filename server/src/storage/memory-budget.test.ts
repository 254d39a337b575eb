import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createMemoryBudget } from './memory-budget.ts'

const never = new AbortController().signal

it('gives no more than there is, in turn, and loses none to those who give up', async () => {
  const budget = createMemoryBudget({ buffers: 3, waitMs: 40 })
  let held = 0
  let most = 0
  let refused = 0
  await Promise.all(Array.from({ length: 200 }, async (_, i) => {
    const abort = new AbortController()
    if (i % 3 === 0) setTimeout(() => abort.abort(), i % 20)
    try {
      const release = await budget.take(abort.signal)
      most = Math.max(most, ++held)
      await delay(i % 5)
      held--
      release()
      release()
    }
    catch (error) {
      refused++
      expect(error).toMatchObject({ name: 'StorageError' })
    }
  }))
  expect(most).toBe(3)
  expect(refused).toBeGreaterThan(0)
  const all = await Promise.all([
    budget.take(never),
    budget.take(never),
    budget.take(never),
  ])
  await expect(budget.take(never)).rejects.toMatchObject({ kind: 'unavailable' })
  const next = budget.take(never)
  all[0]()
  ;(await next)()
})

it('does not begin for one who has gone', async () => {
  const budget = createMemoryBudget({ buffers: 1, waitMs: 1000 })
  await expect(budget.take(AbortSignal.abort())).rejects.toMatchObject({ kind: 'aborted' })
  ;(await budget.take(never))()
})
