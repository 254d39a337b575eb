/** Who may do what: PRODUCT's two tables as data, and the only functions that read them. Pure: no database, no clock. */

export const workspaceRoles = ['owner', 'admin', 'staff', 'client'] as const
export type WorkspaceRole = typeof workspaceRoles[number]

/** Of which roles of a workspace a second factor may be asked. */
export const rolesAskedForFactor = {
  nobody: [],
  admins: ['owner', 'admin'],
  staff: ['owner', 'admin', 'staff'],
  everybody: workspaceRoles,
} as const satisfies Record<string, readonly WorkspaceRole[]>
export type FactorAskedOf = keyof typeof rolesAskedForFactor
export const factorAskedOf = Object.keys(rolesAskedForFactor) as FactorAskedOf[]

export const spaceRoles = [
  'previewer',
  'viewer',
  'uploader',
  'contributor',
  'editor',
  'manager',
] as const
export type SpaceRole = typeof spaceRoles[number]

export const workspaceActions = [
  'workspace.see',
  'workspace.change',
  'workspace.delete',
  'members.see',
  'members.manage',
  'audit.see',
  'links.see',
] as const
export type WorkspaceAction = typeof workspaceActions[number]

export const itemActions = [
  'see',
  'preview',
  'download',
  'upload',
  'change',
  'share',
  'manage',
] as const
export type ItemAction = typeof itemActions[number]

/**
 * What a personal access token may be given; what it may do is that, of what its person may. `read`: see and download files; `write`: upload, change, trash
 * and delete them; `links`: all about secure links; `admin`: members, the workspace and its log. The account itself and the instance are nobody's but a session's.
 */
export const tokenScopes = ['read', 'write', 'links', 'admin'] as const
export type TokenScope = typeof tokenScopes[number]

/** `own`: only on files that the person uploaded. */
export type Scope = 'none' | 'own' | 'all'

const byWorkspaceRole: Record<WorkspaceRole, readonly WorkspaceAction[]> = {
  owner: workspaceActions,
  admin: [
    'workspace.see',
    'workspace.change',
    'members.see',
    'members.manage',
    'audit.see',
    'links.see',
  ],
  staff: ['workspace.see', 'members.see', 'links.see'],
  client: [],
}

const bySpaceRole: Record<SpaceRole, Record<ItemAction, Scope>> = {
  previewer: {
    see: 'all',
    preview: 'all',
    download: 'none',
    upload: 'none',
    change: 'none',
    share: 'none',
    manage: 'none',
  },
  viewer: {
    see: 'all',
    preview: 'all',
    download: 'all',
    upload: 'none',
    change: 'none',
    share: 'none',
    manage: 'none',
  },
  uploader: {
    see: 'own',
    preview: 'own',
    download: 'own',
    upload: 'all',
    change: 'none',
    share: 'none',
    manage: 'none',
  },
  contributor: {
    see: 'all',
    preview: 'all',
    download: 'all',
    upload: 'all',
    change: 'own',
    share: 'none',
    manage: 'none',
  },
  editor: {
    see: 'all',
    preview: 'all',
    download: 'all',
    upload: 'all',
    change: 'all',
    share: 'all',
    manage: 'none',
  },
  manager: {
    see: 'all',
    preview: 'all',
    download: 'all',
    upload: 'all',
    change: 'all',
    share: 'all',
    manage: 'all',
  },
}

export function mayInWorkspace(role: WorkspaceRole, action: WorkspaceAction): boolean {
  return byWorkspaceRole[role].includes(action)
}

/** The space roles that count for a member on a folder: those granted on it and above; owners and admins manage every space. */
export function effectiveSpaceRoles(member: WorkspaceRole, granted: readonly SpaceRole[]): readonly SpaceRole[] {
  return member === 'owner' || member === 'admin'
    ? ['manager']
    : granted
}

/** Grants add up: the widest scope that any of the roles gives. */
export function scopeOf(roles: readonly SpaceRole[], action: ItemAction): Scope {
  const scopes = roles.map(role => bySpaceRole[role][action])
  return scopes.includes('all')
    ? 'all'
    : scopes.includes('own')
      ? 'own'
      : 'none'
}

/** The space roles that give an action this scope, for what SQL decides of many people at once. */
export const spaceRolesWith = (action: ItemAction, scope: Scope): SpaceRole[] => spaceRoles.filter(role => bySpaceRole[role][action] === scope)

/** The workspace roles that manage every space, whatever was granted. */
export const managingRoles = workspaceRoles.filter(role => effectiveSpaceRoles(role, []).includes('manager'))

/** The workspace roles that allow an action. */
export const workspaceRolesWith = (action: WorkspaceAction): WorkspaceRole[] => workspaceRoles.filter(role => mayInWorkspace(role, action))

/**
 * Whether the roles allow an action on one item.
 * Somebody limited to their own uploads still sees folders: without them there would be nowhere to upload to.
 */
export function mayOnItem(roles: readonly SpaceRole[], action: ItemAction, item: { kind: 'folder' | 'file', own: boolean }): boolean {
  const scope = scopeOf(roles, action)
  if (scope === 'all') return true
  return scope === 'own' && (item.own || (action === 'see' && item.kind === 'folder'))
}

/** Whether a member may give somebody the role `to` who has `from` (null: not yet a member). Only owners make, change and end owners. */
export function mayAssignRole(actor: WorkspaceRole, from: WorkspaceRole | null, to: WorkspaceRole | null): boolean {
  if (!mayInWorkspace(actor, 'members.manage')) return false
  return actor === 'owner' || (from !== 'owner' && to !== 'owner')
}
