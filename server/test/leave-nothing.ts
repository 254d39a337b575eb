import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect } from 'vitest'

/**
 * For `setupFiles`: a file of tests that leaves a process, a folder or a connection behind fails, by name. Each has a temporary folder of
 * its own, which processes that it starts inherit as TMPDIR or carry in their arguments or working folder, and so are known as its.
 */

/** What has been told to end may take so long to be gone. */
const PATIENCE_MS = 20_000
const HANDLES = [
  'TCPSocketWrap',
  'TCPServerWrap',
  'TLSWrap',
  'PipeWrap',
  'ProcessWrap',
  'UDPWrap',
]

const before = process.env.TMPDIR
const home = mkdtempSync(join(tmpdir(), 't-'))
chmodSync(home, 0o711) // PostgreSQL, which root runs as another account, may have its folder in it
process.env.TMPDIR = home
// Made now, lest they count later.
void process.stdout
void process.stderr
const handlesBefore = countHandles()

afterAll(async () => {
  const deadline = Date.now() + PATIENCE_MS
  closeIdleConnections()
  let left = findLeft()
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(50)
    left = findLeft()
  }
  rmSync(home, { recursive: true, force: true })
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before
  expect(left, 'left behind by this file').toEqual([])
})

function findLeft(): string[] {
  return [
    ...readdirSync(home).map(name => `folder or file: ${join(home, name)}`),
    ...processesThatKnow(home).map(({ pid, command }) => `process ${pid}: ${command}`),
    ...Object.entries(countHandles()).filter(([kind, count]) => count > handlesBefore[kind]!).map(([kind, count]) => `open: ${count - handlesBefore[kind]!} ${kind}`),
  ]
}

function countHandles(): Record<string, number> {
  const active = process.getActiveResourcesInfo()
  return Object.fromEntries(HANDLES.map(kind => [kind, active.filter(each => each === kind).length]))
}

/** Those that clients of this process keep for their next request are no leak. */
function closeIdleConnections(): void {
  http.globalAgent.destroy()
  const key = Symbol.for('undici.globalDispatcher.1')
  const globals = globalThis as unknown as Record<symbol, { destroy: () => Promise<void>, constructor: new () => never } | undefined>
  const dispatcher = globals[key]
  if (dispatcher === undefined) return
  const Dispatcher = dispatcher.constructor
  globals[key] = new Dispatcher()
  void dispatcher.destroy()
}

/** Where there is a /proc. */
function processesThatKnow(folder: string): { pid: number, command: string }[] {
  const read = (how: () => string): string => {
    try {
      return how()
    }
    catch {
      return '' // gone, or not ours
    }
  }
  let pids: number[]
  try {
    pids = readdirSync('/proc').map(Number).filter(pid => pid > 0 && pid !== process.pid)
  }
  catch {
    return []
  }
  return pids.flatMap((pid) => {
    const command = read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim()
    const known = [
      command,
      read(() => readFileSync(`/proc/${pid}/environ`, 'utf8')),
      read(() => readlinkSync(`/proc/${pid}/cwd`)),
    ].some(text => text.includes(folder))
    // Without a command line it is dead, and waits for its parent.
    return known && command !== ''
      ? [
          {
            pid,
            command: command.slice(0, 200),
          },
        ]
      : []
  })
}
