import type { Static } from 'typebox'
import type { FactLanguage } from '../../facts/live-fact.ts'
import { Type } from 'typebox'
import { factLanguages } from '../../facts/live-fact.ts'
import { Body, Instant, Nullable, Uuid } from '../../http/schemas.ts'
import { retentionKinds } from '../../retention-kinds.ts'
import { isSettable } from '../../retention/define-retention.ts'

export const RetentionQuery = Type.Object({
  language: Type.Optional(Type.Unsafe<FactLanguage>(Type.String({
    enum: [...factLanguages],
  }))),
})

export const KeptKind = Type.Object({
  kind: Type.String(),
  what: Type.String({ description: 'What it is, in the language that was asked for' }),
  since: Type.String({ description: 'From which moment on it counts' }),
  days: Nullable(Type.Integer({ description: 'How long it is kept; null with null hours: for ever' })),
  hours: Nullable(Type.Integer({ description: 'Instead of days, of what is gone within one' })),
  settable: Nullable(Type.Object({
    defaultDays: Nullable(Type.Integer()),
    minimum: Type.Integer(),
    maximum: Type.Integer(),
    mayBeForEver: Type.Boolean(),
  }, { description: 'What may be set; null: nothing, it is always kept so long' })),
  why: Nullable(Type.String({ description: 'Why it cannot be set' })),
  changedAt: Nullable(Instant),
  changedBy: Nullable(Type.Object({
    id: Uuid,
    name: Type.String(),
  })),
}, { $id: 'KeptKind' })
export type KeptKind = Static<typeof KeptKind>

export const RetentionChange = Body({
  kind: Type.Unsafe<string>(Type.String({
    enum: retentionKinds.filter(isSettable).map(({ name }) => name),
  })),
  days: Nullable(Type.Integer({ minimum: 1, maximum: 36_500, description: 'Null: for ever' })),
})
export type RetentionChange = Static<typeof RetentionChange>
