import type { Static, TObject, TProperties, TSchema } from 'typebox'
import { Type } from 'typebox'

export const subjectKinds = [
  'file',
  'folder',
  'upload',
  'link',
  'member',
  'invitation',
  'workspace',
  'user',
  'policy',
  'request',
  'mail',
  'announcement',
  'instance',
] as const
export type SubjectKind = typeof subjectKinds[number]
export interface AuditSubject { kind: SubjectKind, id: string | null, name: string }

/** Only a factory of the catalogue makes an event, so only what stands there can be recorded. */
const made = Symbol('made by the catalogue')

export interface NewAuditEvent {
  readonly [made]: true
  /** Null: the instance's own chain. */
  workspaceId: string | null
  /** Past tense, dotted: `file.uploaded`. */
  action: string
  outcome: 'success' | 'refused'
  subject: AuditSubject
  /** Small facts worth keeping; never a secret, never a floating-point number. */
  details: Record<string, unknown>
  /** The members of `details` that hold names, addresses or other words about people. */
  personal: readonly string[]
  /** Files and folders besides the subject, in whose own activity it is told. */
  mentions: readonly string[]
}

/**
 * Whom an event may concern besides whoever did it: `operators` of the deployment, `owners` of any of its workspaces, `admins` of the workspace (owners
 * too), `readers` who may see the item, `uploader` who brought or made it, `sharer` who made the link, `person` whom it is about.
 */
export type Concerned = 'operators' | 'seats' | 'asked' | 'admins' | 'readers' | 'uploader' | 'sharer' | 'person'

/** Which log has it: a workspace's, the instance's, or whichever it was done in. */
type Chain = 'workspace' | 'instance' | 'either'

interface ActionSpec<C extends Chain, K extends SubjectKind, D extends TProperties> {
  chain: C
  /** What it is done to. */
  subject: readonly K[]
  details: D
  /** Somebody was turned away. */
  refusal?: boolean
  concerns: readonly Concerned[]
  /** Whether webhooks may carry it. */
  webhook: boolean
}
type Described<C extends Chain, K extends SubjectKind, D extends TProperties> = Omit<ActionSpec<C, K, D>, 'chain' | 'webhook'>

type Given<C extends Chain, K extends SubjectKind, D extends TProperties>
  = { subject: { kind: K, id: string | null, name: string }, mentions?: readonly string[] }
    & { workspace: { workspaceId: string }, instance: unknown, either: { workspaceId: string | null } }[C]
    & (keyof D extends never ? unknown : { details: Static<TObject<D>> })

export interface AuditAction {
  /** Its name, as the log, the API and webhooks know it. */
  readonly action: string
  /** The first part of the name: `file` of `file.uploaded`. */
  readonly family: string
  readonly chain: Chain
  readonly subjectKinds: readonly SubjectKind[]
  readonly details: TObject
  readonly personal: readonly string[]
  readonly refusal: boolean
  readonly concerns: readonly Concerned[]
  readonly webhook: boolean
}

export type ActionFactory<C extends Chain, K extends SubjectKind, D extends TProperties> = AuditAction & ((event: Given<C, K, D>) => NewAuditEvent)

/** The detail that every event has of what a program did by a personal access token: the token's name. The log adds it. */
export const BY_TOKEN = 'byToken'

const PERSONAL = 'x-personal'

/** Marks a member of an action's details that tells of people: it is kept beside the chain, where it can be erased. */
export const Personal = <T extends TSchema>(schema: T): T => Object.assign(schema, { [PERSONAL]: true })

const known = new Map<string, AuditAction>()

/** Makes the factory for one kind of event: `const folderCreated = defineAction(name, { … })`. */
export function defineAction<C extends Chain, K extends SubjectKind, D extends TProperties>(action: string, { chain, subject, details, refusal = false, concerns, webhook }: ActionSpec<C, K, D>): ActionFactory<C, K, D> {
  if (!/^[a-z]+\.[a-z_]+$/.test(action)) throw new Error(`${action} is no name for an action`)
  if (known.has(action)) throw new Error(`${action} is in the catalogue already`)
  const definition: AuditAction = {
    action,
    family: action.split('.')[0]!,
    chain,
    subjectKinds: subject,
    details: Type.Object(details, { additionalProperties: false }),
    personal: Object.keys(details).filter(name => PERSONAL in details[name]!),
    refusal,
    concerns,
    webhook,
  }
  known.set(action, definition)
  const make = (event: { workspaceId?: string | null, subject: AuditSubject, details?: Record<string, unknown>, mentions?: readonly string[] }): NewAuditEvent => ({
    [made]: true,
    workspaceId: event.workspaceId ?? null,
    action,
    outcome: refusal
      ? 'refused'
      : 'success',
    subject: event.subject,
    details: event.details ?? {},
    personal: definition.personal,
    mentions: event.mentions ?? [],
  })
  return Object.assign(make as (event: Given<C, K, D>) => NewAuditEvent, definition)
}

/** One of a workspace's log, which webhooks carry unless it says otherwise. */
export const ofWorkspace = <K extends SubjectKind, D extends TProperties>(action: string, spec: Described<'workspace', K, D> & { webhook?: boolean }) =>
  defineAction(action, { chain: 'workspace', webhook: true, ...spec })

/** One of the instance's log. */
export const ofInstance = <K extends SubjectKind, D extends TProperties>(action: string, spec: Described<'instance', K, D>) =>
  defineAction(action, { chain: 'instance', webhook: false, ...spec })

/** Every action that was defined so far, by name. */
export const definedActions = (): readonly AuditAction[] => [
  ...known.values(),
].sort((a, b) => a.action < b.action
  ? -1
  : 1)
