import { isDatabaseUnavailable } from './db-errors.ts'

/** Bounds how long the first of a group waits for the last. */
const MAX_GROUP = 32

/**
 * Does together what many ask for at the same moment: they share the statements, and wait once for the locks and the disk that they would
 * otherwise wait for one after another. Nobody waits for a group to fill: what comes while one of the same key is under way makes the next.
 * Nobody gets an answer from before the question.
 *
 * A group in which one fails is taken apart, so `run` must do all or, by throwing, nothing, and it must not matter that it is asked again.
 * @param run gets at least one input; its answers are in the order of the inputs
 */
export function inGroups<T, R>(run: (key: string, inputs: readonly T[]) => Promise<readonly R[]>): (key: string, input: T) => Promise<R> {
  interface Waiting { input: T, resolve: (answer: R) => void, reject: (error: unknown) => void }
  /** Who waits, by key, while a group of that key is under way. */
  const lines = new Map<string, Waiting[]>()

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

  async function workOff(key: string, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) await settle(key, waiting.splice(0, MAX_GROUP))
    lines.delete(key)
  }

  return async (key, input) => new Promise((resolve, reject) => {
    const one = { input, resolve, reject }
    const line = lines.get(key)
    if (line) {
      line.push(one)
      return
    }
    const begun = [one]
    lines.set(key, begun)
    void workOff(key, begun)
  })
}
