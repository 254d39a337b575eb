import type { Static } from 'typebox'
import type { Config } from '../../config/config.ts'
import type { Release } from '../../config/release.ts'
import type { Db } from '../../db/database.ts'
import type { DoctorReport } from './doctor.schemas.ts'
import type { Visit } from './examine-visit.ts'
import type { Finding } from './finding.ts'
import { commandLine } from '../../config/command-line.ts'
import { explainFailure } from '../../errors/explain-failure.ts'
import { SMALLEST_PART } from '../uploads/parts/part-size.ts'
import * as queries from './doctor.queries.ts'
import { SILENCE_SECONDS } from './doctor.schemas.ts'
import { examineVisit } from './examine-visit.ts'
import { examine } from './examine.ts'
import { find } from './finding.ts'

/** A check takes no longer: what has not ended by then is broken off, and what has not said so is gone with its server. */
const LONGEST_MS = 120_000

export interface DoctorService {
  /** What was found last, or so far, and how this request came. */
  report: (visit: Visit) => Promise<Static<typeof DoctorReport>>
  /** Looks at everything, in the background. Nothing while a check is under way in the deployment. */
  begin: () => Promise<void>
  /** Breaks off what is under way, and says so in its report. */
  close: () => Promise<void>
}

export interface DoctorDeps {
  db: Db
  config: Config
  release: Release
  clock: () => Date
  log: { error: (fields: object, message: string) => void }
}

export function createDoctorService({ db, config, release, clock, log }: DoctorDeps): DoctorService {
  const explain = (error: unknown) => explainFailure(error, { look: 'Look at its log.', name: 'the database’s address' })
  const stopping = new AbortController()
  let running = Promise.resolve()

  async function check(begunAt: Date): Promise<void> {
    const signal = AbortSignal.any([
      stopping.signal,
      AbortSignal.timeout(LONGEST_MS),
    ])
    const findings: Finding[] = []
    const look = async () => {
      for await (const finding of examine(config, { release, explain, signal })) {
        signal.throwIfAborted()
        findings.push(finding)
        await queries.noteFindings(db, begunAt, findings, null)
      }
    }
    try {
      await untilAborted(look(), signal)
    }
    catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'the check of the deployment failed')
      findings.push(signal.aborted
        ? find('check.broken_off')
        : find('check.failed', {
            problem: explain(error),
          }))
    }
    await queries.noteFindings(db, begunAt, findings, clock())
  }

  return {
    async report(visit) {
      const last = await queries.findExamination(db)
      const isOpen = last !== undefined && last.endedAt === null
      const isRunning = isOpen && clock().getTime() - last.begunAt.getTime() < LONGEST_MS
      return {
        begunAt: last?.begunAt.toISOString() ?? null,
        isRunning,
        findings: [
          ...last?.findings ?? [],
          ...isOpen && !isRunning
            ? [
                find('check.broken_off'),
              ]
            : [],
        ],
        command: commandLine('doctor'),
        visit: {
          finding: examineVisit(visit, config.publicUrl),
          publicUrl: config.publicUrl,
        },
        tries: { partBytes: SMALLEST_PART, silenceSeconds: SILENCE_SECONDS },
      }
    },

    async begin() {
      const now = clock()
      if (!await queries.beginExamination(db, now, new Date(now.getTime() - LONGEST_MS))) return
      running = check(now).catch((error: unknown) => log.error({ err: error }, 'the check of the deployment could not be noted'))
    },

    async close() {
      stopping.abort()
      await running
    },
  }
}

/** What is waited for goes on to its own end, of which nobody is told. @throws the signal's reason */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason as Error)
  signal.addEventListener('abort', abort)
  try {
    await Promise.race([work, promise])
  }
  finally {
    signal.removeEventListener('abort', abort)
  }
}
