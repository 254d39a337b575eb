import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Instant, Line, Literals, Nullable, PageQuery, Uuid } from '../../http/schemas.ts'
import { auditActions, auditFamilies, detailNames } from './audit.actions.ts'
import { PERSONAL_PARTS } from './audit.chain.ts'
import { subjectKinds } from './define-action.ts'

const AuditActionName = Literals(...auditActions.map(({ action }) => action))

export const AuditEvent = Type.Object({
  seq: Type.Integer(),
  at: Instant,
  action: AuditActionName,
  outcome: Literals('success', 'refused'),
  actor: Type.Object({
    kind: Literals('user', 'visitor', 'system'),
    id: Nullable(Uuid),
    name: Type.String(),
  }),
  subject: Type.Object({
    kind: Literals(...subjectKinds),
    id: Nullable(Uuid),
    name: Type.String(),
  }),
  origin: Type.Object({
    via: Literals('web', 'api', 'link', 'system'),
    ip: Nullable(Type.String()),
    userAgent: Nullable(Type.String()),
  }),
  details: Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    additionalProperties: true,
    propertyNames: { enum: detailNames },
    description: 'What the sentence about it needs; which members there are depends on the action',
  }),
  hash: Type.String({ description: 'The chain’s, up to and with this event: SHA-256, hexadecimal' }),
  erased: Type.Array(Literals(...PERSONAL_PARTS), {
    description: 'What it told about people and was erased since: a name is empty then, an address null, a detail gone',
  }),
}, { $id: 'AuditEvent' })
export type AuditEvent = Static<typeof AuditEvent>

const { hash: _hash, ...told } = AuditEvent.properties
export const ActivityEvent = Type.Object({
  ...told,
  withheld: Type.Array(Literals('origin', 'names'), {
    description: 'What is not told to who may not see the whole log. origin: address and user agent, null then; names: of what they may not see, empty or left out',
  }),
}, { $id: 'ActivityEvent' })
export type ActivityEvent = Static<typeof ActivityEvent>

const family = (name: string) => `${name}.*`

const filters = {
  action: Type.Optional(Type.Array(Literals(...auditActions.map(({ action }) => action), ...auditFamilies.map(family)), {
    minItems: 1,
    maxItems: 100,
    description: 'One action or several, comma-separated; `file.*` for a family',
    style: 'form',
    explode: false,
  })),
  outcome: Type.Optional(Literals('success', 'refused')),
  actorId: Type.Optional(Uuid),
  subjectId: Type.Optional(Uuid),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'At this instant or later' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Before this instant' })),
  q: Type.Optional(Type.Unsafe<string>({
    ...Line(200),
    description: 'Part of the name of who did it, of what it was done to, or of a file or folder that it tells of',
  })),
}

export const AuditQuery = Type.Object({
  ...PageQuery,
  ...filters,
}, { additionalProperties: false })
export type AuditQuery = Static<typeof AuditQuery>

export const AuditExportQuery = Type.Object({
  format: Literals('csv', 'jsonl'),
  ...filters,
}, { additionalProperties: false })
export type AuditExportQuery = Static<typeof AuditExportQuery>
export type ExportFormat = AuditExportQuery['format']

export const UnseenActivity = Type.Object({
  count: Type.Integer({ minimum: 0, maximum: 100, description: 'At most 100 are told' }),
  seenSeq: Type.Integer({ minimum: 0 }),
}, { $id: 'UnseenActivity' })

export const AuditReaderStates = Type.Object({
  readers: Type.Array(Type.Object({
    name: Type.String(),
    behind: Type.Integer({ minimum: 0, description: 'Events that it has not read yet' }),
    failures: Type.Array(Type.Object({
      workspaceId: Nullable(Uuid),
      seq: Type.Integer({ description: 'The event that it failed on, or one of those behind it' }),
      attempts: Type.Integer(),
      error: Type.String(),
      retryAt: Nullable(Instant),
    })),
  })),
}, { $id: 'AuditReaderStates' })

export const AuditDays = Type.Object({
  days: Type.Array(Type.Object({
    day: Type.String({ format: 'date' }),
    count: Type.Integer(),
  })),
}, { $id: 'AuditDays' })
