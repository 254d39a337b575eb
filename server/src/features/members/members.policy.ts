import type { WorkspaceRole } from '../access/access.policy.ts'
import { requestInvalid } from '../../errors/common-errors.ts'
import { mayAssignRole } from '../access/access.policy.ts'

interface InvitationFacts {
  role: WorkspaceRole
  expiresAt: Date
  acceptedAt: Date | null
  revokedAt: Date | null
}

export function invitationState({ expiresAt, acceptedAt, revokedAt }: Omit<InvitationFacts, 'role'>, now: Date): 'open' | 'accepted' | 'revoked' | 'expired' {
  if (acceptedAt) return 'accepted'
  if (revokedAt) return 'revoked'
  return expiresAt <= now
    ? 'expired'
    : 'open'
}

/** Whether it can be accepted: open, and its inviter may still give that role. */
export function isAcceptable(invitation: InvitationFacts, inviterRole: WorkspaceRole | null, now: Date): boolean {
  return invitationState(invitation, now) === 'open' && inviterRole !== null && mayAssignRole(inviterRole, null, invitation.role)
}

/** @throws {AppError} `request.invalid` for a space role that means nothing */
export function requireSpaceRoleFits(role: WorkspaceRole, spaceRole: unknown): void {
  if (role === 'staff' || spaceRole == null) return
  const detail = 'is for staff; owners and admins manage every space'
  throw requestInvalid({
    detail: `The space role ${detail}`,
    fields: [
      { pointer: '/spaceRole', detail },
    ],
  })
}
