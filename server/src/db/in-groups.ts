import { isDatabaseUnavailable } from './db-errors.ts'

/** Bounds how long the first of a group waits for the last. */
const MAX_GROUP = 32
/** While one group waits for the disk, the next may begin. */
const GROUPS_AT_ONCE = 1

/**
 * Does together what many ask for at the same moment. All who write to one workspace wait for the same locks, each until the one before
 * is on disk: in a group they wait once, and share the statements. Nobody waits for a group to fill: what comes while others of the same
 * key are under way makes the next.
 *
 * A group in which one fails is taken apart, so `run` must do all or, by throwing, nothing, and it must not matter that it is asked again.
 * @param run gets at least one input; its answers are in the order of the inputs
 */
export function inGroups<T, R>(run: (key: string, inputs: readonly T[]) => Promise<readonly R[]>): (key: string, input: T) => Promise<R> {
  interface Waiting { input: T, resolve: (answer: R) => void, reject: (error: unknown) => void }
  const lines = new Map<string, { waiting: Waiting[], running: number }>()

  async function settle(key: string, group: readonly Waiting[]): Promise<void> {
    try {
      const answers = await run(key, group.map(({ input }) => input))
      for (const [index, { resolve }] of group.entries()) resolve(answers[index]!)
    }
    catch (error) {
      // Where the database broke off, nobody knows whether it was done: asking again could find one's own work and call it a conflict.
      if (group.length === 1 || isDatabaseUnavailable(error)) {
        for (const { reject } of group) reject(error)
      }
      else {
        await Promise.all(group.map(one => settle(key, [one])))
      }
    }
  }

  return async (key, input) => new Promise((resolve, reject) => {
    const line = lines.get(key) ?? { waiting: [], running: 0 }
    lines.set(key, line)
    line.waiting.push({ input, resolve, reject })
    if (line.running >= GROUPS_AT_ONCE) return
    line.running++
    void (async () => {
      while (line.waiting.length > 0) await settle(key, line.waiting.splice(0, MAX_GROUP))
      line.running--
      if (line.running === 0) lines.delete(key)
    })()
  })
}
