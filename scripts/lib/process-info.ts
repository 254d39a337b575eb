import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Whether a process of any user has this id. A zombie counts. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  }
  catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Text that this process has and no later process with the same id, because ids are used again.
 * `undefined` when no such process runs (a zombie does not).
 */
export function processIdentity(pid: number): string | undefined {
  if (!processExists(pid)) return undefined
  if (process.platform === 'win32') return 'running'
  if (process.platform !== 'linux') return ps(pid, 'lstart')
  try {
    // The name in brackets may hold spaces and brackets itself; state is field 3, the start time field 22 (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`
  }
  catch {
    return undefined
  }
}

/** The arguments a process was started with, or `undefined` when it is gone or this system does not tell. */
export function processArguments(pid: number): string[] | undefined {
  if (process.platform === 'win32') return undefined
  if (process.platform !== 'linux') return ps(pid, 'args')?.split(' ')
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  }
  catch {
    return undefined
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync('ps', [
      '-o',
      `${column}=`,
      '-p',
      String(pid),
    ], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim() || undefined
  }
  catch {
    return undefined
  }
}
