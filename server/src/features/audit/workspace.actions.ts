import { Type } from 'typebox'
import { Bytes, Instant, Literals, Nullable, Uuid } from '../../http/schemas.ts'
import { factorAskedOf } from '../access/access.policy.ts'
import { Change, Count, Role, SpaceRole } from './action-details.ts'
import { ofWorkspace, Personal } from './define-action.ts'

/* What happens to a workspace and the people in it. */

export const memberJoined = ofWorkspace('member.joined', {
  subject: ['member'],
  details: { userId: Uuid, role: Role, spaceRole: SpaceRole },
  concerns: ['admins'],
})
export const memberRoleChanged = ofWorkspace('member.role_changed', {
  subject: ['member'],
  details: {
    userId: Uuid,
    role: Change(Role),
    spaceRole: Change(SpaceRole),
  },
  concerns: ['person', 'admins'],
})
export const memberEnded = ofWorkspace('member.ended', {
  subject: ['member'],
  details: { userId: Uuid, role: Role },
  concerns: ['person', 'admins'],
})

export const invitationCreated = ofWorkspace('invitation.created', {
  subject: ['invitation'],
  details: { role: Role, spaceRole: SpaceRole, expiresAt: Instant },
  concerns: ['admins'],
})
export const invitationResent = ofWorkspace('invitation.resent', {
  subject: ['invitation'],
  details: { role: Role, spaceRole: SpaceRole, expiresAt: Instant },
  concerns: ['admins'],
})
export const invitationAccepted = ofWorkspace('invitation.accepted', {
  subject: ['invitation'],
  details: { role: Role, spaceRole: SpaceRole },
  concerns: ['admins'],
})
export const invitationRevoked = ofWorkspace('invitation.revoked', {
  subject: ['invitation'],
  details: { role: Role, spaceRole: SpaceRole },
  concerns: ['admins'],
})

export const workspaceCreated = ofWorkspace('workspace.created', {
  subject: ['workspace'],
  details: {
    slug: Type.String(),
  },
  concerns: ['admins'],
})
export const workspaceChanged = ofWorkspace('workspace.changed', {
  subject: ['workspace'],
  details: {
    name: Personal(Change(Type.String())),
  },
  concerns: ['admins'],
})
/** Of whom a second factor is asked from then on; of nobody any more. */
export const workspaceSecondFactorAsked = ofWorkspace('workspace.second_factor_asked', {
  subject: ['workspace'],
  details: {
    askedOf: Literals(...factorAskedOf),
    graceDays: Count,
  },
  concerns: ['admins', 'asked'],
})
/** By an operator: how much may be stored; null: as much as there is room for. */
export const workspaceQuotaChanged = ofWorkspace('workspace.quota_changed', {
  subject: ['workspace'],
  details: {
    quotaBytes: Change(Nullable(Bytes)),
  },
  concerns: ['admins'],
})
/** So much of what may be stored is, for the first time since it was less. */
export const workspaceStorageFilled = ofWorkspace('workspace.storage_filled', {
  subject: ['workspace'],
  details: {
    percent: Count,
    usedBytes: Bytes,
    quotaBytes: Bytes,
  },
  concerns: ['admins'],
})
const provider = {
  slug: Type.String(),
  issuer: Type.String(),
}
/** By whose word people may sign in to the workspace: its own providers. */
export const workspaceProviderAdded = ofWorkspace('workspace.provider_added', {
  subject: ['workspace'],
  details: provider,
  concerns: ['admins'],
})
export const workspaceProviderChanged = ofWorkspace('workspace.provider_changed', {
  subject: ['workspace'],
  details: {
    ...provider,
    fields: Type.Array(Type.String()),
  },
  concerns: ['admins'],
})
export const workspaceProviderRemoved = ofWorkspace('workspace.provider_removed', {
  subject: ['workspace'],
  details: provider,
  concerns: ['admins'],
})
