import type { RunningServer } from './running-server.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** The deep check of a running server's data, by a process of its own. @returns what is wrong, one line each */
export async function findViolations(server: RunningServer): Promise<string[]> {
  const check = spawn(process.execPath, [
    fileURLToPath(new URL('check-invariants.ts', import.meta.url)),
  ])
  const ended = once(check, 'close')
  check.stdin.end(server.environment())
  const [found, said] = await Promise.all([
    text(check.stdout),
    text(check.stderr),
  ])
  const [code] = await ended
  if (code !== 0) throw new Error(`the check failed:\n${said}`)
  return JSON.parse(found) as string[]
}
