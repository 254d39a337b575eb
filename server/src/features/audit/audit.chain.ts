import type { AuditActor, AuditOrigin, AuditOutcome } from './audit.table.ts'
import type { AuditSubject } from './define-action.ts'
import { hash, randomBytes } from 'node:crypto'

/**
 * The chain's second version: a hash covers what happened, and of what it tells about people only commitments. These are SHA-256 of a random salt
 * and the value; value and salt stand beside the chain (`audit_personal`) and can be erased there without breaking it. Why so: ADR 0019.
 * Hashes and salts are hexadecimal throughout: that is what the chain's JSON holds, and Node hashes into it three times as fast as into a Buffer.
 */

export const GENESIS_HASH = '0'.repeat(64)

/** In the order of their commitments. */
export const PERSONAL_PARTS = [
  'actor',
  'origin',
  'subject',
  'details',
] as const
export type PersonalPart = typeof PERSONAL_PARTS[number]

const HASH_LENGTH = 64
const SALT_BYTES = 16
/** The commitment of a part that there is nothing of. */
const NOTHING = '0'.repeat(HASH_LENGTH)

/** What happened, without a word about people. */
export interface ChainedEvent {
  chainId: string
  seq: number
  /** As `toISOString` writes it. */
  at: string
  action: string
  outcome: AuditOutcome
  actorKind: AuditActor['kind']
  actorId: string | null
  subjectKind: AuditSubject['kind']
  subjectId: string | null
  via: AuditOrigin['via']
  details: Record<string, unknown>
  /** One of each part, one behind the other. */
  commitments: string
}

/** What an event tells about people. A part whose salt is null was erased, or there never was one. */
export interface PersonalValues {
  actorName: string | null
  actorSalt: string | null
  ip: string | null
  userAgent: string | null
  originSalt: string | null
  subjectName: string | null
  subjectSalt: string | null
  details: Record<string, unknown> | null
  detailsSalt: string | null
}

/** JSON with sorted keys and no spaces (RFC 8785; numbers here are integers). Undefined members are left out. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value instanceof Date) return JSON.stringify(value)
  let members = ''
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key]
    if (member !== undefined) members += `${members && ','}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `{${members}}`
}

/**
 * What PostgreSQL's jsonb gives back for a value: dates as text, no undefined members, and text without what jsonb refuses (NUL, lone
 * surrogates), so that a name out of a hostile request can neither fail the record nor change its hash.
 */
export function storable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, member: unknown) => (typeof member === 'string'
    ? member.toWellFormed().replaceAll(/\0/g, '\uFFFD')
    : member)) as T
}

/**
 * SHA-256 of the previous event's hash and this event, as canonical JSON: changing, dropping or inserting one breaks every later hash.
 * Written out member by member, because a proof does it for every event there is.
 */
export function chainHash(previous: string, event: ChainedEvent): string {
  return hash('sha256', `{"action":${JSON.stringify(event.action)},"actor":{"id":${idJson(event.actorId)},"kind":${JSON.stringify(event.actorKind)}}`
    + `,"at":"${event.at}","chainId":"${event.chainId}","commitments":"${event.commitments}","details":${canonicalJson(event.details)}`
    + `,"origin":{"via":${JSON.stringify(event.via)}},"outcome":${JSON.stringify(event.outcome)},"previous":"${previous}","seq":${event.seq}`
    + `,"subject":{"id":${idJson(event.subjectId)},"kind":${JSON.stringify(event.subjectKind)}},"version":2}`, 'hex')
}

const idJson = (id: string | null) => id === null
  ? 'null'
  : `"${id}"`

const commit = (salt: string, json: string) => hash('sha256', salt + json, 'hex')

/** The value of each part as it is committed to; null where there is none. */
const valueOf: Record<PersonalPart, (values: Omit<PersonalValues, 'actorSalt' | 'originSalt' | 'subjectSalt' | 'detailsSalt'>) => string | null> = {
  actor: ({ actorName }) => nameJson(actorName),
  origin: ({ ip, userAgent }) => ip === null && userAgent === null
    ? null
    : `{"ip":${JSON.stringify(ip)},"userAgent":${JSON.stringify(userAgent)}}`,
  subject: ({ subjectName }) => nameJson(subjectName),
  details: ({ details }) => details && canonicalJson(details),
}

const nameJson = (name: string | null) => name === null
  ? null
  : `{"name":${JSON.stringify(name)}}`

const saltOf = (values: PersonalValues, part: PersonalPart) => values[`${part}Salt`]
const commitmentOf = (commitments: string, index: number) => commitments.slice(index * HASH_LENGTH, (index + 1) * HASH_LENGTH)

/** What a caller, a subject and details tell. */
export interface ToldEvent {
  actor: AuditActor
  subject: AuditSubject
  origin: AuditOrigin
  details: Record<string, unknown>
}

/**
 * Parts what happened from what it tells about people, and commits to the latter with salts of its own.
 * @param personal the members of `details` that tell about people
 */
export function sealEvent({ actor, subject, origin, details }: ToldEvent, personal: readonly string[]): { open: Omit<ChainedEvent, 'chainId' | 'seq' | 'at' | 'action' | 'outcome'>, personal: PersonalValues } {
  const told = Object.entries(details)
  const hidden = told.filter(([name]) => personal.includes(name))
  const values = {
    actorName: actor.name,
    ip: origin.ip,
    userAgent: origin.userAgent,
    subjectName: subject.name,
    details: hidden.length > 0
      ? Object.fromEntries(hidden)
      : null,
  }
  const random = randomBytes(PERSONAL_PARTS.length * SALT_BYTES).toString('hex')
  let commitments = ''
  const salts = PERSONAL_PARTS.map((part, index) => {
    const json = valueOf[part](values)
    const salt = json === null
      ? null
      : random.slice(index * 2 * SALT_BYTES, (index + 1) * 2 * SALT_BYTES)
    commitments += salt === null
      ? NOTHING
      : commit(salt, json!)
    return salt
  })
  return {
    open: {
      actorKind: actor.kind,
      actorId: actor.id,
      subjectKind: subject.kind,
      subjectId: subject.id,
      via: origin.via,
      details: hidden.length > 0
        ? Object.fromEntries(told.filter(([name]) => !personal.includes(name)))
        : details,
      commitments,
    },
    personal: {
      ...values,
      actorSalt: salts[0]!,
      originSalt: salts[1]!,
      subjectSalt: salts[2]!,
      detailsSalt: salts[3]!,
    },
  }
}

/** Whether what stands beside the chain is what was committed to, or was erased whole. */
export function isCommitted(commitments: string, values: PersonalValues): boolean {
  return PERSONAL_PARTS.every((part, index) => {
    const json = valueOf[part](values)
    const salt = saltOf(values, part)
    if (json === null || salt === null) return json === null && salt === null
    return commit(salt, json) === commitmentOf(commitments, index)
  })
}

/** The parts that were told once and are no longer. */
export function erasedParts(commitments: string, values: PersonalValues): PersonalPart[] {
  return PERSONAL_PARTS.filter((part, index) => saltOf(values, part) === null && commitmentOf(commitments, index) !== NOTHING)
}

/** An event as it was told, with an empty name where one was erased. */
export function tellEvent(event: ChainedEvent, values: PersonalValues): ToldEvent & { erased: PersonalPart[] } {
  return {
    actor: { kind: event.actorKind, id: event.actorId, name: values.actorName ?? '' },
    subject: { kind: event.subjectKind, id: event.subjectId, name: values.subjectName ?? '' },
    origin: { via: event.via, ip: values.ip, userAgent: values.userAgent },
    details: values.details
      ? {
          ...event.details,
          ...values.details,
        }
      : event.details,
    erased: erasedParts(event.commitments, values),
  }
}
