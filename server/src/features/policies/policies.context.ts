import type { Db, Tx } from '../../db/database.ts'
import type { LiveFact } from '../../facts/live-fact.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { AuditSubject } from '../audit/define-action.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { Starter } from './policies.placeholders.ts'
import type { PolicyKind } from './policies.schemas.ts'
import type { KnownFacts } from './policy-directives.ts'
import { notFound } from '../../errors/common-errors.ts'
import { requireMatch } from '../../http/etag.ts'
import { dayIn } from '../../http/time-zone.ts'
import { fromFile } from './policies.errors.ts'
import * as queries from './policies.queries.ts'

export interface PoliciesOptions {
  db: Db
  audit: AuditLog
  instance: Pick<InstanceService, 'settings'>
  clock: () => Date
  newId: () => string
  /** For what nobody expected, and only who runs the server can look at. */
  log: { error: (fields: object, message: string) => void }
  /** A folder with texts (POLICIES_DIR); empty: none. */
  policiesDir: string
  /** All that a text may name of this deployment. */
  facts: ReadonlyMap<string, LiveFact>
  /** The text that a kind begins with, in a language. */
  starter: (kind: PolicyKind, language: string) => Starter
}

/** What the parts of the service share, for the policies of one owner: the deployment, or a workspace. */
export interface PoliciesContext extends PoliciesOptions {
  owner: queries.Owner
  /** Where they are read, and whose they are. */
  place: () => Promise<{ path: string, workspaceName: string | null }>
  /** What an event is about, and in whose log it stands. */
  about: (policyId: string, name: string) => { workspaceId: string | null, subject: ReturnType<typeof policySubject> }
  /** By what days are counted, and which language is shown to whom no other is. */
  here: () => Promise<{ today: string, timeZone: string, language: string, isReviewed: boolean }>
  /** As they hold now; all of them, or those of these names that exist. */
  readFacts: (names?: Iterable<string>) => Promise<KnownFacts>
  /** Changes a policy under its row's lock, so that two operators follow one another. @throws {AppError} `not_found`, `precondition.failed` */
  changeLocked: <T>(policyId: string, ifMatch: string | undefined, change: (tx: Tx, row: queries.PolicyRow) => Promise<T>) => Promise<T>
}

/** As the log calls it. */
export const policySubject = (id: string, name: string) => ({ kind: 'policy', id, name }) satisfies AuditSubject

/** @throws {AppError} `policy.from_file` for one whose text is changed in the files of POLICIES_DIR alone */
export function requireWrittenHere({ source }: Pick<queries.PolicyRow, 'source'>): void {
  if (source === 'file') throw fromFile('Its text is in the folder POLICIES_DIR on the server: change it there')
}

export const noSuchPolicy = () => notFound('There is no such policy')

/**
 * A workspace's texts name no facts and begin with nothing: what the server knows of itself, and the answers of its operators, are the deployment's to tell.
 * Nor does another operator have to approve them.
 */
const ofWorkspaces = {
  facts: new Map(),
  starter: () => ({
    title: '',
    markdown: '',
    highlights: [],
  }),
} satisfies Partial<PoliciesOptions>

export function createContext(given: PoliciesOptions, owner: queries.Owner): PoliciesContext {
  const options = owner === null
    ? given
    : {
        ...given,
        ...ofWorkspaces,
      }
  const { db, instance, clock, facts } = options
  return {
    ...options,
    owner,

    async place() {
      const workspace = owner === null
        ? undefined
        : await queries.findWorkspace(db, { id: owner })
      return workspace
        ? { path: `/policies/w/${workspace.slug}`, workspaceName: workspace.name }
        : { path: '/policies', workspaceName: null }
    },

    about: (policyId, name) => ({
      workspaceId: owner,
      subject: policySubject(policyId, name),
    }),

    async here() {
      const { timeZone, policyLanguage, policyReview } = await instance.settings()
      return {
        today: dayIn(timeZone, clock()),
        timeZone,
        language: policyLanguage,
        isReviewed: owner === null && policyReview,
      }
    },

    async readFacts(names = facts.keys()) {
      const wanted = [
        ...new Set(names),
      ].flatMap(name => facts.get(name) ?? [])
      const values = await Promise.all(wanted.map(fact => fact.read()))
      return new Map(wanted.map((fact, index) => [
        fact.name,
        // As it will be read from where it is kept.
        {
          fact,
          value: JSON.parse(JSON.stringify(values[index])),
        },
      ]))
    },

    changeLocked: (policyId, ifMatch, change) => db.transaction(async (tx) => {
      const row = await queries.lockPolicy(tx, owner, policyId)
      if (!row) throw noSuchPolicy()
      requireMatch(ifMatch, row.revision)
      return change(tx, row)
    }),
  }
}
