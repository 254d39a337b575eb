import { defineError } from '../../errors/app-error.ts'

export const lastOwner = defineError('member.last_owner', 409, 'A workspace needs an owner')
export const alreadyMember = defineError('member.already', 409, 'Already a member of this workspace')
export const invitationNotFound = defineError('invitation.not_found', 404, 'This invitation does not exist or counts no longer')
export const invitationOtherEmail = defineError('invitation.other_email', 403, 'This invitation is for another e-mail address')
export const invitationUsed = defineError('invitation.used', 409, 'This invitation was accepted')
