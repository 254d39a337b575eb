import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Email, Instant, Literals, Password } from '../../http/schemas.ts'

export const EmailChangeInput = Body({
  email: Email,
  password: Type.Optional(Password()),
})

export const EmailLinkFor = Type.Object({
  kind: Literals('confirm', 'undo'),
  name: Type.String(),
  from: Type.String({ description: 'The address before' }),
  to: Type.String({ description: 'The address after; the same where it is proved only' }),
}, { $id: 'EmailLinkFor', description: 'What a link about an address does' })
export type EmailLinkFor = Static<typeof EmailLinkFor>

export const EmailLinkParams = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 100 }),
})

export const EmailLink = Type.Object({
  url: Type.String({ description: 'For the person alone; told this once' }),
  expiresAt: Instant,
}, { $id: 'EmailLink' })
export type EmailLink = Static<typeof EmailLink>
