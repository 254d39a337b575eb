import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { holdJob } from './job-hold.ts'

const never = new AbortController().signal

function hold(beat: () => Promise<boolean>, { signal = never, silentMs = 200 } = {}) {
  const errors: unknown[] = []
  const held = holdJob({
    signal,
    beat,
    beatMs: 10,
    silentMs,
    onError: error => errors.push(error),
  })
  onTestFinished(held.end)
  return { ...held, errors }
}

it('is held while the beats come through', async () => {
  let beats = 0
  let enough = () => {}
  const many = new Promise<void>((resolve) => { enough = resolve })
  const { signal } = hold(async () => {
    if (++beats === 50) enough()
    return true
  }, { silentMs: 60_000 })
  await many
  expect(signal.aborted).toBe(false)
})

it('is lost when another has it, when the queue says so, when no beat comes through', async () => {
  const taken = hold(async () => false)
  await once(taken.signal, 'abort')
  expect(String(taken.signal.reason)).toMatch(/taken up by another/)

  const queue = new AbortController()
  const stopped = hold(async () => true, { signal: queue.signal })
  queue.abort(new Error('stopping'))
  expect(stopped.signal.aborted).toBe(true)

  const refused = hold(() => Promise.reject(new Error('the database is away')))
  const silent = hold(() => new Promise(() => {}))
  await Promise.all([refused, silent].map(({ signal }) => once(signal, 'abort')))
  expect(String(refused.signal.reason)).toMatch(/without a sign of life/)
  expect(refused.errors.length).toBeGreaterThan(0)
  expect(silent.errors).toEqual([])
})

it('is lost when the event loop stood still for too long, before what was due later goes on', async () => {
  const { signal } = hold(async () => true)
  await new Promise(resolve => setTimeout(resolve, 20))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
  // Behind the look that was due meanwhile, and not in the same turn of the loop, where that may have been just before.
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(String(signal.reason)).toMatch(/without a sign of life/)
})
