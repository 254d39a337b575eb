import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Line, Literals, Name, Password, Ref, Uuid } from '../../http/schemas.ts'
import { workspaceRoles } from '../access/access.policy.ts'
import { User } from '../users/users.schemas.ts'

export const LoginInput = Body({
  email: Line(254),
  password: Password(),
})
export type LoginInput = Static<typeof LoginInput>

export const SignedInAnswer = Type.Object({
  accessToken: Type.String(),
  expiresIn: Type.Integer({ description: 'Seconds' }),
  user: Ref(User),
}, { $id: 'SignedInAnswer' })

export const Me = Type.Object({
  id: Uuid,
  name: Type.String(),
  email: Type.String(),
  isOperator: Type.Boolean(),
  locale: Type.Union([
    Type.String(),
    Type.Null(),
  ]),
  memberships: Type.Array(Type.Object({
    workspaceId: Uuid,
    slug: Type.String(),
    name: Type.String(),
    role: Literals(...workspaceRoles),
  })),
}, { $id: 'Me' })
export type Me = Static<typeof Me>

export const MeChange = Body({
  name: Type.Optional(Name(120)),
  locale: Type.Optional(Type.Union([
    Literals('en', 'de'),
    Type.Null(),
  ])),
})
export type MeChange = Static<typeof MeChange>
