import type { Place } from './place.ts'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { LaunchProblem } from '../lib/launch-problem.ts'
import { processArguments, processIdentity } from '../lib/process-info.ts'
import { makeFolder } from './account.ts'

const POLL_MS = 50
const PATIENCE_MS = 20_000

/** The lines of postmaster.pid: process id first, state (`ready`, `starting`…) eighth. Empty when there is no such file. */
export function readPostmasterFile(place: Place): string[] {
  try {
    return readFileSync(join(place.data, 'postmaster.pid'), 'utf8').split('\n')
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/**
 * postmaster.pid may name a server that outlived its launcher, or a stranger that got the number since.
 * The first is stopped, the second never touched.
 */
export async function stopLeftover(place: Place): Promise<void> {
  const lines = readPostmasterFile(place)
  const pid = Number(lines[0])
  const identity = pid > 0
    ? processIdentity(pid)
    : undefined
  if (identity === undefined || !isPostmaster(pid, place.data)) return forget(place, lines)
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    try {
      process.kill(pid, signal)
    }
    catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return forget(place, lines)
      throw new LaunchProblem(`PostgreSQL (process ${pid}) still runs on ${place.data} and belongs to another user: stop it first.`, { cause: error })
    }
    if (await isGone(pid, identity)) return forget(place, readPostmasterFile(place))
  }
  throw new LaunchProblem(`PostgreSQL (process ${pid}) still runs on ${place.data} and does not stop.`)
}

/**
 * PostgreSQL refuses to start while any process has the number in its lock files, be it a stranger or a zombie. It makes an exception
 * for its own parent, and then still checks that nobody uses the old server's memory.
 */
function forget(place: Place, lines: string[]): void {
  rmSync(place.socket, { recursive: true, force: true })
  makeFolder(place.account, place.socket)
  if (lines.length > 0) {
    writeFileSync(join(place.data, 'postmaster.pid'), [
      process.pid,
      ...lines.slice(1),
    ].join('\n'))
  }
}

async function isGone(pid: number, identity: string): Promise<boolean> {
  for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
    if (processIdentity(pid) !== identity) return true
    await sleep(POLL_MS)
  }
  return false
}

/** A postmaster shows `…/postgres -D <data> …`: ours always, and one started by pg_ctl with the same path. */
function isPostmaster(pid: number, data: string): boolean {
  const args = processArguments(pid) ?? []
  return args.some(arg => /(?:^|[/\\])postgres(?:\.exe)?$/.test(arg)) && args.includes(data)
}
