import { describe, expect, it } from 'vitest'
import { ProblemError } from '../api/problem.ts'
import { missingParts, partRange } from './part-plan.ts'
import { isSameFile, matchFiles } from './resume-match.ts'
import { isWorthRetrying, retryDelay, withRetry } from './retry.ts'
import { pickNext, summarize } from './schedule.ts'
import { createSlots } from './slots.ts'
import { createSpeedometer, timeLeft } from './speed.ts'

const problem = (status: number, extra: Partial<ProblemError> = {}) => new ProblemError({
  type: 'about:blank',
  title: '',
  status,
  code: status === 0
    ? 'network.unreachable'
    : `http.${status}`,
  errors: [],
  ...extra,
})

describe('part plan', () => {
  it('cuts at the part size, the last part shorter', () => {
    expect([1, 2, 3].map(n => partRange(n, 25, 10))).toEqual([
      [0, 10],
      [10, 20],
      [20, 25],
    ])
  })

  it('sends what is missing or came in another size', () => {
    const plan = { size: 25, partSize: 10, partCount: 3 }
    expect(missingParts(plan, [])).toEqual([1, 2, 3])
    expect(missingParts(plan, [
      { n: 2, size: 10 },
      { n: 3, size: 4 },
    ])).toEqual([1, 3])
    expect(missingParts(plan, [1, 2, 3].map(n => ({
      n,
      size: n === 3
        ? 5
        : 10,
    })))).toEqual([])
    expect(missingParts({ size: 0, partSize: 10, partCount: 0 }, [])).toEqual([])
  })
})

describe('speed', () => {
  it('comes near the true speed, calmly, and says nothing before it knows', () => {
    let now = 0
    const meter = createSpeedometer(() => now)
    expect(meter.read()).toBeNull()
    for (let second = 0; second < 30; second++) {
      now += 1000
      meter.add(1_000_000)
    }
    expect(meter.read()! / 1_000_000).toBeCloseTo(1, 5)
    now += 1000
    meter.add(10_000_000)
    expect(meter.read()!).toBeGreaterThan(1_000_000)
    expect(meter.read()!).toBeLessThan(9_000_000)
    for (let second = 0; second < 30; second++) {
      now += 1000
      meter.read()
    }
    expect(meter.read()!).toBeLessThan(5_000)
    meter.reset()
    expect(meter.read()).toBeNull()
  })

  it('tells the time left only when it can', () => {
    expect([
      timeLeft(100, 50),
      timeLeft(100, null),
      timeLeft(100, 0),
      timeLeft(0, null),
    ]).toEqual([2, null, null, 0])
  })
})

describe('retry', () => {
  it('tries again what may pass, and nothing else', () => {
    expect([0, 408, 429, 500, 503].map(status => isWorthRetrying(problem(status)))).toEqual([true, true, true, true, true])
    expect([400, 401, 403, 404, 409, 413, 507].map(status => isWorthRetrying(problem(status)))).not.toContain(true)
    expect(isWorthRetrying(new Error('bug'))).toBe(false)
  })

  it('waits longer each time, up to a ceiling, and never less than the server asks', () => {
    expect([0, 1, 2, 3, 10].map(attempt => retryDelay(problem(0), attempt, 1))).toEqual([1000, 2000, 4000, 8000, 30_000])
    expect(retryDelay(problem(0), 2, 0)).toBe(2000)
    expect(retryDelay(problem(429, { retryAfter: 60 }), 0, 0)).toBe(60_000)
  })

  it('gives up after its tries, checks before each, and tells when it waits', async () => {
    let runs = 0
    let checks = 0
    const waits: (number | null)[] = []
    await expect(withRetry(async () => {
      runs++
      throw problem(503)
    }, {
      signal: new AbortController().signal,
      tries: 3,
      random: () => 1,
      now: () => 0,
      wait: async () => {},
      check: async () => { checks++ },
      onWait: at => waits.push(at),
    })).rejects.toMatchObject({ status: 503 })
    expect([runs, checks, waits]).toEqual([
      3,
      2,
      [1000, null, 2000, null],
    ])
  })

  it('ends with the reason of an abort, not with what the abort broke', async () => {
    const controller = new AbortController()
    await expect(withRetry(async () => {
      controller.abort(new Error('paused'))
      throw problem(0)
    }, { signal: controller.signal })).rejects.toThrow('paused')
  })
})

describe('slots', () => {
  it('serves in order, never more than there are, and forgets who gave up', async () => {
    const slots = createSlots(1)
    const never = new AbortController().signal
    const release = await slots.take(never)
    const gone = new AbortController()
    const left = slots.take(gone.signal)
    const next = slots.take(never)
    gone.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    release()
    release()
    const second = await next
    let third = false
    void slots.take(never).then(() => { third = true })
    await Promise.resolve()
    expect(third).toBe(false)
    second()
    await Promise.resolve()
    await Promise.resolve()
    expect(third).toBe(true)
  })
})

describe('resume', () => {
  const file = { name: 'a.bin', size: 10, lastModified: 1_000_500 }

  it('knows the same file by name in any form, size and second', () => {
    expect(isSameFile({ ...file, name: 'Zoe\u0308.bin' }, { ...file, name: 'Zo\u00EB.bin', lastModified: 1_000_000 })).toBe(true)
    expect(isSameFile({ ...file, name: 'Other.bin', sourceName: file.name }, file)).toBe(true)
    expect(isSameFile(file, { ...file, size: 11 })).toBe(false)
    expect(isSameFile(file, { ...file, lastModified: 3_000_000 })).toBe(false)
  })

  it('gives each file once', () => {
    const lost = [
      { id: '1', ...file },
      { id: '2', ...file },
    ]
    expect([
      ...matchFiles(lost, [file]).keys(),
    ]).toEqual(['1'])
    expect([
      ...matchFiles(lost, [
        file,
        { ...file },
        { ...file, size: 3 },
      ]).keys(),
    ]).toEqual(['1', '2'])
  })
})

describe('schedule', () => {
  it('starts in order as many as there is room for', () => {
    const states = [
      'done',
      'sending',
      'waiting',
      'paused',
      'waiting',
      'waiting',
    ] as const
    expect(pickNext(states.map((state, id) => ({ state, id })), 3).map(({ id }) => id)).toEqual([2, 4])
    expect(pickNext(states.map(state => ({ state })), 1)).toEqual([])
  })

  it('sums up what is on its way, without what was skipped', () => {
    const base = {
      id: '',
      userId: '',
      batchId: '',
      workspaceId: '',
      parentId: '',
      folders: [],
      name: '',
      lastModified: 0,
      mediaType: '',
      onConflict: 'fail' as const,
      paused: false,
      addedAt: 0,
      speed: null,
      kept: false,
    }
    const summary = summarize([
      {
        ...base,
        state: 'done',
        size: 100,
        sent: 100,
      },
      {
        ...base,
        state: 'sending',
        size: 300,
        sent: 100,
      },
      {
        ...base,
        state: 'failed',
        size: 100,
        sent: 0,
      },
      {
        ...base,
        state: 'skipped',
        size: 999,
        sent: 0,
      },
    ], 50)
    expect(summary).toMatchObject({
      total: 4,
      done: 1,
      skipped: 1,
      attention: 1,
      active: 1,
      ratio: 0.4,
      left: 4,
      speed: 50,
    })
    expect(summarize([], 50)).toMatchObject({ ratio: 1, left: null, speed: null })
  })
})
