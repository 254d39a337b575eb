import type { AuditLog } from '../audit/audit.service.ts'
import type { OrphansDeps } from '../objects/objects.orphans.ts'
import type { ScrubDeps } from '../objects/objects.scrub.ts'
import type { Places } from './identity-words.ts'
import type { IdentityService } from './identity.service.ts'
import { commandLine, parseOptions } from '../../config/command-line.ts'
import { EXIT_TEMPFAIL, ExitError } from '../../errors/exit-error.ts'
import { systemCaller } from '../../http/caller.ts'
import { instanceStoreAdopted } from '../audit/audit.actions.ts'
import { keepUnknown } from '../objects/objects.orphans.ts'
import { lookForMissing } from '../objects/objects.scrub.ts'
import { describeFinding, describeProblem } from './identity-words.ts'
import { isWell } from './identity.service.ts'

/** How `adopt` ends. Failures of the database and the like are 1, settings that are wrong 78. */
export const adoptExit = {
  done: 0,
  /** Without `--yes`: nothing was changed. */
  asked: 3,
  interrupted: 130,
} as const

export interface AdoptArguments { yes: boolean, markMissing: boolean }

/** @throws {UsageError} */
export function parseAdoptArguments(args: string[]): AdoptArguments {
  const { values } = parseOptions(args, {
    'yes': { type: 'boolean' },
    'mark-missing': { type: 'boolean' },
  })
  return { yes: values.yes ?? false, markMissing: values['mark-missing'] ?? false }
}

export interface AdoptDeps extends OrphansDeps, ScrubDeps {
  identity: IdentityService
  instance: { settings: () => Promise<{ name: string }> }
  audit: AuditLog
  log: OrphansDeps['log']
}

export interface AdoptOptions {
  places: Places
  /** Whether nothing serves, and nothing will until the process ends. */
  tryAlone: () => Promise<boolean>
  print: (line: string) => void
  signal: AbortSignal
}

/**
 * From here on database and store belong together, whatever was. What the store has and the database does not know is kept aside. Run again, it goes on.
 * @returns the exit code
 * @throws {ExitError} while something serves
 */
export async function runAdopt(deps: AdoptDeps, { yes, markMissing }: AdoptArguments, { places, tryAlone, print, signal }: AdoptOptions): Promise<number> {
  const finding = await deps.identity.find()
  for (const line of describeFinding(finding, await deps.identity.holdings(), places)) print(line)
  const well = isWell(finding.standing)
  if (well && !markMissing) {
    print('They belong together: there is nothing to adopt.')
    return adoptExit.done
  }
  const { is, then } = well
    ? { is: 'They belong together.', then: 'mark what is missing in the store as damaged' }
    : describeProblem(finding.standing)
  print(is)
  if (!yes) {
    print(`Nothing was changed. To ${then}: ${commandLine(`adopt --yes${markMissing
      ? ' --mark-missing'
      : ''}`)}`)
    return adoptExit.asked
  }
  if (!await tryAlone()) throw new ExitError('Servers are running. Stop all of them, and run the same again.', EXIT_TEMPFAIL)

  const kept = well
    ? { count: 0, bytes: 0 }
    : await keepUnknown(deps, signal)
  const missing = await lookForMissing(deps, { mark: markMissing }, signal)
  if (!well) {
    // First, so that a store that takes no mark leaves no event for each try.
    await deps.identity.join()
    const { name } = await deps.instance.settings()
    await deps.db.transaction(tx => deps.audit.record(tx, systemCaller, instanceStoreAdopted({
      subject: { kind: 'instance', id: null, name },
      details: {
        found: finding.standing,
        kept: kept.count,
        bytes: kept.bytes,
        missing,
      },
    })))
  }
  if (kept.count > 0) print(`Kept aside: ${kept.count.toLocaleString('en')} objects that the database does not know, ${kept.bytes.toLocaleString('en')} bytes. They are deleted when an operator says so on the settings page.`)
  if (missing > 0) {
    print(markMissing
      ? `Missing in the store, and marked as damaged: ${missing.toLocaleString('en')} objects.`
      : `Missing in the store: ${missing.toLocaleString('en')} objects. Put them back, or mark their files as damaged: ${commandLine('adopt --yes --mark-missing')}`)
  }
  print('Done: start the servers.')
  return adoptExit.done
}
