import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Email, Instant, Literals, Name, Nullable, Page, PageQuery, Ref, Text, Uuid } from '../../http/schemas.ts'
import { Person } from '../users/users.schemas.ts'

const RequestKind = Literals('access', 'support')
const RequestState = Literals('new', 'answered', 'spam')

export const RequestInput = Body({
  kind: RequestKind,
  name: Name(120),
  email: Email,
  company: Type.Optional(Name(200, 0)),
  message: Text(5000),
  website: Type.Optional(Type.String({ maxLength: 2000, description: 'People leave it empty: a form hides it. What has it filled in is accepted and dropped' })),
})
export type RequestInput = Static<typeof RequestInput>

export const RequestAccepted = Type.Object({
  accepted: Type.Literal(true),
}, { $id: 'RequestAccepted' })

/** Not `Request`, which is a class of every browser. */
export const ContactRequest = Type.Object({
  id: Uuid,
  kind: RequestKind,
  name: Type.String(),
  email: Type.String(),
  company: Nullable(Type.String()),
  message: Type.String(),
  state: RequestState,
  createdAt: Instant,
  handledAt: Nullable(Instant),
  handledBy: Nullable(Ref(Person)),
  origin: Type.Object({
    ip: Nullable(Type.String()),
    userAgent: Nullable(Type.String()),
  }),
}, { $id: 'ContactRequest' })
export type ContactRequest = Static<typeof ContactRequest>

export const RequestListQuery = Type.Object({
  ...PageQuery,
  state: Type.Optional(RequestState),
}, { additionalProperties: false })
export type RequestListQuery = Static<typeof RequestListQuery>

export const RequestPage = Type.Object({
  ...Page(Ref(ContactRequest)).properties,
  newCount: Type.Integer({ minimum: 0, description: 'New ones in all, whatever the filter' }),
})
export type RequestPage = Static<typeof RequestPage>

export const RequestChange = Body({ state: RequestState })
export type RequestChange = Static<typeof RequestChange>
export const RequestParams = Type.Object({ requestId: Uuid })
