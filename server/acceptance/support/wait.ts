import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFailed } from 'vitest'

/** For what comes when it comes: the limit only ends what hangs. */
const PATIENCE_MS = 120_000

/** What a process wrote, for whoever has to find out why a test failed. Outside of a test there is nobody to tell. */
export function tellOnFailure(output: () => string): void {
  try {
    onTestFailed(() => console.log(`--- what the process wrote:\n${output().slice(-20_000)}`))
  }
  catch {}
}

export async function until(what: string, done: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!await done()) {
    if (Date.now() > deadline) throw new Error(`Not within ${patienceMs / 1000} s: ${what}`)
    await sleep(20)
  }
}
