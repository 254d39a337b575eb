import type { Invitation, Member } from '../../api/generated/types.gen.ts'

export type MemberRole = Invitation['role']
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

export const abilities = [
  'see',
  'download',
  'upload',
  'change',
  'share',
  'manage',
] as const
export type Ability = (typeof abilities)[number]

/** What a space role gives, as the server's access policy has it: all, only what one has uploaded oneself, or nothing. */
export const spaceRoleAbilities: Record<SpaceRole, Record<Ability, 'all' | 'own' | 'none'>> = {
  previewer: {
    see: 'all',
    download: 'none',
    upload: 'none',
    change: 'none',
    share: 'none',
    manage: 'none',
  },
  viewer: {
    see: 'all',
    download: 'all',
    upload: 'none',
    change: 'none',
    share: 'none',
    manage: 'none',
  },
  uploader: {
    see: 'own',
    download: 'own',
    upload: 'all',
    change: 'none',
    share: 'none',
    manage: 'none',
  },
  contributor: {
    see: 'all',
    download: 'all',
    upload: 'all',
    change: 'own',
    share: 'none',
    manage: 'none',
  },
  editor: {
    see: 'all',
    download: 'all',
    upload: 'all',
    change: 'all',
    share: 'all',
    manage: 'none',
  },
  manager: {
    see: 'all',
    download: 'all',
    upload: 'all',
    change: 'all',
    share: 'all',
    manage: 'all',
  },
}

type Role = Member['role'] | undefined

/** The roles that somebody may give: only owners make owners. */
export function assignableRoles(actor: Role): MemberRole[] {
  return actor === 'owner'
    ? [...memberRoles]
    : actor === 'admin'
      ? ['admin', 'staff']
      : []
}

/** Whether somebody may change a member's role or end the membership: only owners touch owners. */
export function mayManage(actor: Role, member: Pick<Member, 'role'>): boolean {
  return actor === 'owner' || (actor === 'admin' && member.role !== 'owner')
}
