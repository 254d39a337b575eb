import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { LaunchProblem } from './launch-problem.ts'
import { processIdentity } from './process-info.ts'

/** Another process has the folder. */
export class FolderTaken extends LaunchProblem {
  readonly holder: number
  constructor(folder: string, holder: number) {
    super(`ClientShare already runs on ${folder} (process ${holder}).`)
    this.holder = holder
  }
}

/**
 * Takes the lock `file` for this process. The lock of a process that no longer runs is taken over.
 * @returns gives the lock back.
 * @throws {FolderTaken} when another process holds it.
 */
export function lockFolder(file: string, folder: string): () => void {
  const mine = JSON.stringify({
    pid: process.pid,
    identity: processIdentity(process.pid),
  })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, mine, { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        // A link appears whole or not at all, so nobody ever reads half a lock.
        linkSync(draft, file)
        return () => {
          if (readText(file) === mine) rmSync(file, { force: true })
        }
      }
      catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const seen = readText(file)
      if (seen === undefined) continue
      const holder = holderOf(seen)
      if (holder) throw new FolderTaken(folder, holder)
      takeAway(file, seen)
    }
    throw new LaunchProblem(`Another start of ClientShare on ${folder} is under way.`)
  }
  finally {
    rmSync(draft, { force: true })
  }
}

/** Moves a dead process's lock aside, and back again when it turns out that somebody else has just taken it. */
function takeAway(file: string, seen: string): void {
  const aside = `${file}.${process.pid}.old`
  try {
    renameSync(file, aside)
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (readText(aside) !== seen) linkSync(aside, file)
  rmSync(aside, { force: true })
}

function holderOf(lock: string): number | undefined {
  try {
    const { pid, identity } = JSON.parse(lock) as { pid: number, identity: string }
    return processIdentity(pid) === identity
      ? pid
      : undefined
  }
  catch {
    return undefined
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
