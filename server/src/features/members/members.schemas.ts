import type { Static } from 'typebox'
import type { MailLanguage } from '../../mail/define-mail.ts'
import { Type } from 'typebox'
import { Body, Email, Instant, Literals, Name, Nullable, Password, Ref, Uuid } from '../../http/schemas.ts'
import { mailLanguages } from '../../mail/define-mail.ts'
import { Acceptances } from '../acceptances/acceptances.schemas.ts'
import { spaceRoles, workspaceRoles } from '../access/access.policy.ts'
import { Person, PictureVersion } from '../users/users.schemas.ts'

export const SpaceRole = Literals(...spaceRoles)
export const MemberRole = Literals('owner', 'admin', 'staff')
/** A client's contact comes by an invitation alone, and nobody becomes one who was more. */
export const InvitedRole = Literals(...workspaceRoles)

export const Member = Type.Object({
  id: Uuid,
  userId: Uuid,
  name: Type.String(),
  email: Type.String(),
  picture: PictureVersion,
  role: Literals(...workspaceRoles),
  spaceRole: Nullable(SpaceRole),
  hasSecondFactor: Nullable(Type.Boolean({ description: 'For those who manage members; null: not told' })),
  createdAt: Instant,
  lastSeenAt: Nullable(Instant),
  isYou: Type.Boolean(),
}, { $id: 'Member' })
export type Member = Static<typeof Member>

export const MemberChange = Body({
  role: Type.Optional(MemberRole),
  spaceRole: Type.Optional(Nullable(SpaceRole)),
})
export type MemberChange = Static<typeof MemberChange>
export const MemberParams = Type.Object({ workspaceId: Uuid, memberId: Uuid })

const sent = {
  expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 30, default: 7 })),
  language: Type.Optional(Type.Unsafe<MailLanguage>(Type.String({
    enum: [...mailLanguages],
    description: 'Of the mail; absent: as it was sent before, or the inviter’s',
  }))),
}
/** From now on. */
export const InvitationResend = Body(sent)
export type InvitationResend = Static<typeof InvitationResend>

export const InvitationInput = Body({
  email: Type.Optional(Nullable(Email)),
  role: InvitedRole,
  spaceRole: Type.Optional(Nullable(SpaceRole)),
  ...sent,
})
export type InvitationInput = Static<typeof InvitationInput>

export const Invitation = Type.Object({
  id: Uuid,
  email: Nullable(Type.String()),
  role: InvitedRole,
  spaceRole: Nullable(SpaceRole),
  state: Literals('open', 'accepted', 'revoked', 'expired'),
  createdBy: Nullable(Ref(Person)),
  createdAt: Instant,
  expiresAt: Instant,
}, { $id: 'Invitation' })
export type Invitation = Static<typeof Invitation>

export const CreatedInvitation = Type.Object({
  ...Invitation.properties,
  url: Type.String({ description: 'Ends in the token; shown once, only its hash is kept' }),
  isMailed: Type.Boolean({ description: 'Whether a mail with the link is on its way to the address' }),
}, { $id: 'CreatedInvitation' })
export type CreatedInvitation = Static<typeof CreatedInvitation>
export const InvitationParams = Type.Object({ workspaceId: Uuid, invitationId: Uuid })

export const PublicInvitation = Type.Object({
  workspaceName: Type.String(),
  invitedBy: Type.String(),
  role: InvitedRole,
  email: Nullable(Type.String()),
  expiresAt: Instant,
  makesAccounts: Type.Boolean({ description: 'Whether who has no account yet makes one by it' }),
  needsPassword: Type.Boolean({ description: 'Whether that account is given a password: a client’s contact who comes by the link in the mail signs in by mailed codes, and needs none' }),
}, { $id: 'PublicInvitation' })
export type PublicInvitation = Static<typeof PublicInvitation>

/** With a session: no body members are needed. Without: makes the account, or signs in to the one that has this e-mail. */
export const AcceptInput = Body({
  name: Type.Optional(Name(120)),
  email: Type.Optional(Email),
  password: Type.Optional(Password()),
  locale: Type.Optional(Literals(...mailLanguages)),
  acceptances: Type.Optional(Acceptances),
})
export type AcceptInput = Static<typeof AcceptInput>
export const InvitationToken = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 200 }),
})
