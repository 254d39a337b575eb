import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { Output } from '../features/storage-move/tell-progress.ts'
import process from 'node:process'
import { pino } from 'pino'
import { logOptions } from '../http/request-log.ts'

/** Whoever typed a command that takes its time, and waits for it. */
export interface Attendance {
  /** Aborted by the first Ctrl-C or SIGTERM; the second one ends the process at once. */
  stopped: AbortSignal
  /** How far it is. */
  output: Output
  /** What else happens, beside that. */
  log: Logger
}

/** From here on a signal does not end the process, but the command by `stopped`. What the command's answer is (`print`) is not mixed with the rest: that goes to the errors. */
export function attend({ logLevel }: Pick<Config, 'logLevel'>): Attendance {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(new Error(signal)))
  return {
    stopped: stop.signal,
    output: {
      write: text => void process.stderr.write(text),
      live: process.stderr.isTTY === true,
    },
    log: pino(logOptions(logLevel), pino.destination(2)),
  }
}
