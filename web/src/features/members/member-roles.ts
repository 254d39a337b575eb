import type { Invitation, Member } from '../../api/generated/types.gen.ts'

/** A client's contact comes by an invitation, and becomes staff at most: nobody becomes one who was more. */
export type InvitedRole = Invitation['role']
export type MemberRole = Exclude<InvitedRole, 'client'>
export type SpaceRole = NonNullable<Member['spaceRole']>

export const memberRoles = ['owner', 'admin', 'staff'] as const satisfies MemberRole[]
export const spaceRoles = [
  'previewer',
  'viewer',
  'uploader',
  'contributor',
  'editor',
  'manager',
] as const satisfies SpaceRole[]

/** The columns of the role table; what stands in them, the server tells. */
export const abilities = [
  'see',
  'download',
  'upload',
  'change',
  'share',
  'manage',
] as const

type Role = Member['role'] | undefined

/** The roles that somebody may give: only owners make owners. */
export function assignableRoles(actor: Role): MemberRole[] {
  return actor === 'owner'
    ? [...memberRoles]
    : actor === 'admin'
      ? ['admin', 'staff']
      : []
}

/** Those that somebody may invite as, the least first. */
export const invitableRoles = (actor: Role): InvitedRole[] => {
  const roles = assignableRoles(actor)
  return roles.length > 0
    ? [
        'client',
        ...roles.toReversed(),
      ]
    : []
}

/** Whether somebody may change a member's role or end the membership: only owners touch owners. */
export function mayManage(actor: Role, member: Pick<Member, 'role'>): boolean {
  return actor === 'owner' || (actor === 'admin' && member.role !== 'owner')
}
