import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Email, Line } from '../../http/schemas.ts'

export const SetupState = Type.Object({
  required: Type.Boolean(),
}, { $id: 'SetupState' })

export const SetupInput = Body({
  token: Type.String({ minLength: 1, maxLength: 1024 }),
  name: Line(120),
  email: Email,
  password: Type.String({ minLength: 12, maxLength: 128 }),
  instanceName: Line(120),
})
export type SetupInput = Static<typeof SetupInput>

export const PublicInstance = Type.Object({
  name: Type.String(),
  organisation: Type.String(),
  contactEmail: Type.String(),
  publicUrl: Type.String(),
  version: Type.String(),
}, { $id: 'PublicInstance' })

export const InstanceSettings = Type.Object({
  name: Type.String(),
  organisation: Type.String({ description: 'Who is responsible for this deployment, as the policy pages name them' }),
  contactEmail: Type.String(),
  postalAddress: Type.String(),
  publicUrl: Type.String(),
}, { $id: 'InstanceSettings' })
export type InstanceSettings = Static<typeof InstanceSettings>

export const InstanceChange = Body({
  name: Type.Optional(Line(120)),
  organisation: Type.Optional(Line(200, 0)),
  contactEmail: Type.Optional(Type.Union([
    Email,
    Type.Literal(''),
  ])),
  postalAddress: Type.Optional(Type.String({ maxLength: 1000 })),
})
export type InstanceChange = Static<typeof InstanceChange>
