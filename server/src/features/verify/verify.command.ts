import type { Output } from '../storage-move/tell-progress.ts'
import type { Verification, VerifyProgress, WhichBytes } from './verify.service.ts'
import { commandLine, parseOptions, UsageError } from '../../config/command-line.ts'
import { formatProgress } from '../storage-move/move-words.ts'
import { tellProgress } from '../storage-move/tell-progress.ts'
import { describeProved, describeRow } from './verify-words.ts'

/** How `verify` ends. Failures of the store or the database are 1 too, settings that are wrong 78. */
export const verifyExit = {
  proved: 0,
  wrong: 1,
  interrupted: 130,
} as const

const MiB = 1024 ** 2
/** Leaves people most of what one disk or a line of 1 Gbit/s gives. */
const USUAL_RATE = 50 * MiB

export interface VerifyArguments {
  /** `all`: since the moment at which it begins. */
  bytes: WhichBytes | 'all' | undefined
  bytesPerSecond: number
}

/** @throws {UsageError} */
export function parseVerifyArguments(args: string[]): VerifyArguments {
  const { values: { deep = false, since, sample, rate } } = parseOptions(args, {
    deep: { type: 'boolean' },
    since: { type: 'string' },
    sample: { type: 'string' },
    rate: { type: 'string' },
  })
  if (deep && sample !== undefined) throw new UsageError('--deep reads all, --sample some.')
  if (since !== undefined && !deep) throw new UsageError('--since goes with --deep.')
  return {
    bytes: sample === undefined
      ? deep
        ? since === undefined
          ? 'all'
          : {
              since: readMoment(since),
            }
        : undefined
      : readSample(sample),
    bytesPerSecond: rate === undefined
      ? USUAL_RATE
      : readRate(rate),
  }
}

function readMoment(text: string): Date {
  const moment = new Date(text)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) || Number.isNaN(moment.getTime())) throw new UsageError('--since takes a moment such as 2026-01-31T08:00:00Z.')
  return moment
}

function readSample(text: string): WhichBytes {
  const [, number, percent] = /^(\d{1,9}(?:\.\d{1,6})?)(%?)$/.exec(text) ?? []
  const value = Number(number)
  if (!(value > 0) || (percent
    ? value > 100
    : !Number.isInteger(value))) {
    throw new UsageError('--sample takes a share of the objects (5%) or how many (200).')
  }
  return percent
    ? { share: value / 100 }
    : { count: value }
}

function readRate(text: string): number {
  const value = /^\d{1,6}(?:\.\d{1,3})?$/.test(text)
    ? Number(text)
    : 0
  if (value <= 0) throw new UsageError('--rate takes MiB a second, such as 50.')
  return value * MiB
}

const stages: Record<VerifyProgress['at'], (progress: VerifyProgress, elapsedMs: number) => string> = {
  database: () => 'Asking the database',
  logs: () => 'Walking the logs',
  store: ({ listed }) => `Looking through the store: ${listed.toLocaleString('en')} objects`,
  bytes: ({ done, total }, elapsedMs) => `Read ${formatProgress({
    done,
    total,
    bytesThisRun: done.bytes,
    copiedThisRun: 0,
    damaged: 0,
  }, elapsedMs)}`,
}

export interface VerifyRun extends VerifyArguments {
  clock: () => Date
  /** What was found: programs read it. */
  print: (line: string) => void
  output: Output
  signal: AbortSignal
}

/** Proves, and tells what is wrong as it is found, and at the end what was proved. @returns the exit code */
export async function runVerify(verification: Verification, { bytes, bytesPerSecond, clock, print, output, signal }: VerifyRun): Promise<number> {
  const since = bytes === 'all'
    ? clock()
    : undefined
  const which = bytes === 'all'
    ? { since: since! }
    : bytes
  let readingFrom: number | undefined
  const { clear, end } = tellProgress(output, () => {
    if (verification.progress.at === 'bytes') readingFrom ??= performance.now()
    return stages[verification.progress.at](verification.progress, performance.now() - (readingFrom ?? performance.now()))
  })
  const tell = (line: string) => {
    clear()
    print(line)
  }
  try {
    const verified = await verification.run({
      signal,
      bytes: which,
      bytesPerSecond,
      onWrong: ({ says }) => tell(says),
      onHealed: tell,
    })
    end()
    for (const row of describeProved(verified)) print(describeRow(row))
    const isWrong = Object.values(verified.wrong).some(count => count > 0)
    print(isWrong
      ? 'Not all is as it should be.'
      : 'All of this is proved.')
    return isWrong
      ? verifyExit.wrong
      : verifyExit.proved
  }
  catch (error) {
    end()
    if (!signal.aborted) throw error
    print(which && 'since' in which
      ? `Stopped. To go on with what was not read yet: ${commandLine(`verify --deep --since ${which.since.toISOString()}`)}`
      : 'Stopped: not all was looked at.')
    return verifyExit.interrupted
  }
}
