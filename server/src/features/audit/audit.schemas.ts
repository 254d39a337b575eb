import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Instant, Line, Literals, Nullable, PageQuery, Uuid } from '../../http/schemas.ts'
import { PERSONAL_PARTS } from './audit.chain.ts'

export const AuditEvent = Type.Object({
  seq: Type.Integer(),
  at: Instant,
  action: Type.String(),
  outcome: Literals('success', 'refused'),
  actor: Type.Object({
    kind: Literals('user', 'visitor', 'system'),
    id: Nullable(Uuid),
    name: Type.String(),
  }),
  subject: Type.Object({
    kind: Type.String(),
    id: Nullable(Uuid),
    name: Type.String(),
  }),
  origin: Type.Object({
    via: Literals('web', 'api', 'link', 'system'),
    ip: Nullable(Type.String()),
    userAgent: Nullable(Type.String()),
  }),
  details: Type.Record(Type.String(), Type.Unknown()),
  erased: Type.Array(Literals(...PERSONAL_PARTS), {
    description: 'What it told about people and was erased since: a name is empty then, an address null, a detail gone',
  }),
}, { $id: 'AuditEvent' })
export type AuditEvent = Static<typeof AuditEvent>

const ACTION = '[a-z_]+(?:\\.[a-z_]+)*(?:\\.\\*)?'
const ACTIONS = `^${ACTION}(?:,${ACTION})*$`

export const AuditQuery = Type.Object({
  ...PageQuery,
  action: Type.Optional(Type.String({ maxLength: 500, pattern: ACTIONS, description: 'One action or several, comma-separated; `file.*` for a family' })),
  outcome: Type.Optional(Literals('success', 'refused')),
  actorId: Type.Optional(Uuid),
  subjectId: Type.Optional(Uuid),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'At this instant or later' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Before this instant' })),
  q: Type.Optional(Type.Unsafe<string>({
    ...Line(200),
    description: 'Part of an actor’s or subject’s name',
  })),
}, { additionalProperties: false })
export type AuditQuery = Static<typeof AuditQuery>

export const AuditDays = Type.Object({
  days: Type.Array(Type.Object({
    day: Type.String({ format: 'date' }),
    count: Type.Integer(),
  })),
}, { $id: 'AuditDays' })
