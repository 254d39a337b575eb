import type { Executor } from '../../db/database.ts'
import type { SomeOf } from '../../db/some-of.ts'
import type { NamedFile, NamedVersion } from './verify.queries.ts'
import * as log from '../audit/audit-agreement.ts'
import * as queries from './verify.queries.ts'

/** What is proved, in the order in which it is told. */
export const subjects = [
  'files',
  'bytes',
  'hashes',
  'links',
  'access',
  'logs',
  'policies',
  'identity',
] as const
export type Subject = typeof subjects[number]

/** As `SECURITY.md` numbers them. */
export type InvariantId = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I9' | 'I11'

/** Something that the database alone can tell, and that is true at every moment. */
export interface Invariant {
  id: InvariantId
  subject: Subject
  /** Where it is not: the first of them in words, and how many there are. */
  find: (db: Executor, limit: number) => Promise<{ says: string[], count: number }>
}

export const versionOf = ({ file, version, workspace }: NamedVersion) => `“${file}”, version ${version}, in the workspace “${workspace}”`
const fileOf = ({ file, workspace }: NamedFile) => `“${file}” in the workspace “${workspace}”`

const invariant = <Row>(id: InvariantId, subject: Subject, find: (db: Executor, limit: number) => Promise<SomeOf<Row>>, say: (row: Row) => string): Invariant => ({
  id,
  subject,
  async find(db, limit) {
    const { rows, count } = await find(db, limit)
    return {
      says: rows.map(say),
      count,
    }
  },
})

export const invariants: readonly Invariant[] = [
  invariant('I1', 'files', queries.versionsWithoutObject, row => `The file ${versionOf(row)} has an object that is ${row.state}, not committed.`),
  invariant('I2', 'files', queries.versionsBroughtByNone, row => `The file ${versionOf(row)} has the bytes of a version that is not there.`),
  invariant('I5', 'files', queries.filesWithoutVersion, row => `The file ${fileOf(row)} has no version of its own with the size that it is listed with.`),
  invariant('I9', 'files', queries.versionsOfAnotherWorkspace, row => `The file ${versionOf(row)} has bytes of another workspace.`),
  invariant('I9', 'files', queries.itemsElsewhere, row => `${fileOf(row)} lies in a folder of another workspace or space.`),
  invariant('I2', 'bytes', queries.objectsOfNoVersion, ({ key }) => `The object ${key} is committed, and of no file.`),
  invariant('I2', 'bytes', queries.uploadsWithoutObject, ({ name, workspace }) => `The upload of “${name}” in the workspace “${workspace}” is open without an object that takes its bytes.`),
  invariant('I3', 'bytes', queries.endedReservations, ({ key, state, bytes }) => `The object ${key} is ${state} and still reserves ${bytes} bytes.`),
  invariant('I3', 'bytes', queries.wrongUsage, ({ workspace, counted, found }) => `The workspace “${workspace}” counts ${counted} bytes used, its versions have ${found}.`),
  invariant('I3', 'bytes', queries.wrongReservations, ({ workspace, counted, found }) => `The workspace “${workspace}” counts ${counted} bytes reserved, its uploads ${found}.`),
  invariant('I3', 'bytes', queries.quotasExceeded, ({ workspace, counted, found }) => `The workspace “${workspace}” uses ${counted} bytes of ${found}.`),
  invariant('I1', 'hashes', queries.wrongSums, row => `The file ${versionOf(row)} has more or fewer sums than blocks.`),
  invariant('I3', 'links', queries.linksBeyondLimit, ({ link, workspace }) => `The link “${link}” in the workspace “${workspace}” was downloaded more often than it may be.`),
  invariant('I4', 'links', log.linksCountedWrong, ({ link, workspace, counted, found }) => `The link “${link}” in the workspace “${workspace}” counts ${counted} downloads, the log has ${found}.`),
  invariant('I9', 'links', queries.linksElsewhere, ({ link, workspace }) => `The link “${link}” in the workspace “${workspace}” leads into another workspace.`),
  invariant('I9', 'access', queries.grantsElsewhere, row => `A role in the workspace “${row.workspace}” is of “${row.file}”, a folder of another workspace.`),
  invariant('I11', 'access', queries.workspacesWithoutOwner, ({ workspace }) => `The workspace “${workspace}” has no owner.`),
  invariant('I4', 'logs', log.filesToldWrong, row => `The file ${fileOf(row)} has ${row.found} versions, the log tells of ${row.told}.`),
  invariant('I4', 'logs', log.ownersToldWrong, ({ name, workspace, counted, found }) => `${name} was told of ${counted} events in the workspace “${workspace}”, the log has ${found}.`),
  invariant('I4', 'policies', queries.policiesChanged, ({ title, version }) => `The policy “${title}”, version ${version}, is not the text that was published.`),
]

/** What is true only while nothing is on its way. */
export const idleInvariants: readonly Invariant[] = [
  invariant('I2', 'bytes', queries.leftOver, ({ key, state }) => `The object ${key} is left over, ${state}.`),
  invariant('I2', 'bytes', queries.openUploads, ({ name, workspace }) => `The upload of “${name}” in the workspace “${workspace}” is open.`),
]
