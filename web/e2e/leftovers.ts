import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect } from 'vitest'

/** Each file has a folder for all that is temporary: it must end empty, and with no process that was started with it. */
const PATIENCE_MS = 60_000
const shared = process.env.TMPDIR
const folder = mkdtempSync(join(tmpdir(), `${basename(expect.getState().testPath ?? 'suite', '.ts')}-`))
process.env.TMPDIR = folder

// Registered before every hook of the file, so it runs after them.
afterAll(async () => {
  // The parts of a Chromium end a moment after it.
  const patience = Date.now() + PATIENCE_MS
  let processes = processesOf()
  while (processes.length > 0 && Date.now() < patience) {
    await sleep(50)
    processes = processesOf()
  }
  const files = readdirSync(folder)
  rmSync(folder, { recursive: true, force: true })
  process.env.TMPDIR = shared
  expect({ processes, files }, 'what is left behind').toEqual({ processes: [], files: [] })
})

/** Linux tells; elsewhere nobody is found. */
function processesOf(): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').filter(id => /^\d+$/.test(id) && id !== String(process.pid)).flatMap((id) => {
    const command = read(`/proc/${id}/cmdline`)
    return command.includes(folder) || read(`/proc/${id}/environ`).includes(folder)
      ? [`${id} ${command.replaceAll('\0', ' ').slice(0, 200)}`]
      : []
  })
}

/** Nothing of a process that has just ended, or is somebody else's. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  }
  catch {
    return ''
  }
}
