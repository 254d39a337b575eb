import { setTimeout as sleep } from 'node:timers/promises'

/** For what comes when it comes: the limit only ends what hangs. */
const PATIENCE_MS = 120_000

export async function until(what: string, done: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!await done()) {
    if (Date.now() > deadline) throw new Error(`Not within ${patienceMs / 1000} s: ${what}`)
    await sleep(20)
  }
}
