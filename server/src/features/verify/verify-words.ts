import type { Health } from '../doctor/finding-words.ts'
import type { Subject } from './invariants.ts'
import type { Verified } from './verify.service.ts'
import { marks } from '../doctor/finding.ts'
import { formatBytes, formatCount } from '../storage-move/move-words.ts'
import { subjects } from './invariants.ts'

const width = Math.max(...subjects.map(({ length }) => length))

/** What is proved of each when nothing is wrong. */
const proofs: Record<Subject, (verified: Verified) => string> = {
  files: ({ held }) => `${formatCount(held.files, 'file')} with ${formatCount(held.versions, 'version')} in ${formatCount(held.workspaces, 'workspace')}: each version has its object, all of its own workspace`,
  bytes: ({ held }) => `${formatCount(held.objects, 'object')}, ${formatBytes(held.bytes)}: the store has each in its size, and nothing that nobody knows; usage and reservations are their sums`,
  hashes: ({ read, wrong }) => read.objects === 0
    ? wrong.identity > 0
      ? 'no object read, for database and store do not belong together'
      : 'no object read: --sample 5% or --deep compares bytes with SHA-256 and the sums of blocks'
    : `${formatCount(read.objects, 'object')}, ${formatBytes(read.bytes)} read: SHA-256 and the sums of blocks are those of what came in`,
  links: ({ held }) => `${formatCount(held.links, 'link')}: each in its own workspace, within its limit, with as many downloads as the log has`,
  access: ({ held }) => `${formatCount(held.workspaces, 'workspace')}: each has an owner, and roles on folders of its own`,
  logs: ({ chains }) => `${formatCount(chains.length, 'log')} with ${formatCount(chains.reduce((sum, { events }) => sum + events, 0), 'event')}: every hash follows from the one before, and each version has its event`,
  policies: ({ held }) => `${formatCount(held.policyVersions, 'version')} of policies: each the text that was published`,
  identity: ({ identity }) => `deployment ${identity.database.identity ?? 'without a name yet'}: database and store belong together`,
}

export interface ProvedRow { subject: Subject, health: Health, says: string }

/** One row for each subject: what was proved of it, or how much is wrong with it. */
export function describeProved(verified: Verified): ProvedRow[] {
  return subjects.map((subject) => {
    const wrong = verified.wrong[subject]
    if (wrong > 0) return { subject, health: 'broken', says: `${wrong.toLocaleString('en')} wrong, as told above` }
    const { damaged } = verified.held
    if (subject === 'hashes' && damaged > 0) {
      return {
        subject,
        health: 'doubtful',
        says: `${proofs.hashes(verified)}. ${formatCount(damaged, 'version')} known to be damaged: sent to nobody, until their bytes are brought back and “verify --deep” finds them right`,
      }
    }
    return {
      subject,
      health: 'well',
      says: proofs[subject](verified),
    }
  })
}

export const describeRow = ({ subject, health, says }: ProvedRow) => `${marks[health]}  ${subject.padEnd(width)}  ${says}.`
