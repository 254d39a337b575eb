import type { Db, Executor } from '../../db/database.ts'
import type { SignedIn } from '../../http/caller.ts'
import type { ItemAction, SpaceRole, WorkspaceAction } from './access.policy.ts'
import type { ItemRow, Member, PathStep } from './access.queries.ts'
import { accessDenied, notFound, unauthenticated } from '../../errors/common-errors.ts'
import { effectiveSpaceRoles, itemActions, mayInWorkspace, mayOnItem } from './access.policy.ts'
import * as queries from './access.queries.ts'

export type { Member } from './access.queries.ts'

/** An item together with where it stands and what one person may do with it. */
export interface AccessibleItem extends ItemRow {
  /** From the space's root folder down to the item itself. */
  path: PathStep[]
  roles: readonly SpaceRole[]
  permissions: ItemAction[]
}

export interface ItemRequirement {
  action: ItemAction
  /** 404 when the item is of another workspace. */
  workspaceId?: string
  kind?: 'folder' | 'file'
  /** Items in the trash, or below something in it, are not found unless this says so. */
  trashed?: boolean
}

export interface AccessService {
  /** @throws {AppError} `auth.unauthenticated` when the session ended or the person was disabled */
  authenticate: (session: { userId: string, sessionId: string }) => Promise<SignedIn>
  /** @throws {AppError} `not_found` for somebody who is no member, `access.denied` for a member whose role does not allow it */
  requireMember: (userId: string, workspaceId: string, action: WorkspaceAction, db?: Executor) => Promise<Member>
  /** Like `requireItems` for one item. */
  requireItem: (userId: string, itemId: string, requirement: ItemRequirement, db?: Executor) => Promise<AccessibleItem>
  /**
   * The one resolver of item access, for every route, link and token.
   * @throws {AppError} `not_found` when any of them does not exist, is of another tenant, lies in the trash or may not be seen;
   * `access.denied` when it may be seen but not this
   */
  requireItems: (userId: string, itemIds: readonly string[], requirement: ItemRequirement, db?: Executor) => Promise<AccessibleItem[]>
}

/** 404 and 403 must not differ between "not there" and "not yours": only what may be seen can be denied. */
export function createAccessService({ db: pool, clock }: { db: Db, clock: () => Date }): AccessService {
  async function requireItems(userId: string, itemIds: readonly string[], requirement: ItemRequirement, db: Executor = pool): Promise<AccessibleItem[]> {
    const [rows, paths] = [await queries.listItems(db, itemIds), await queries.listPaths(db, itemIds)]
    const byId = new Map(rows.map(row => [row.id, row]))
    const seats = new Map<string, { member: Member, granted: { folderId: string, role: SpaceRole }[] } | undefined>()

    const result: AccessibleItem[] = []
    for (const itemId of itemIds) {
      const row = byId.get(itemId)
      const path = paths.get(itemId)
      if (!row || !path) throw itemNotFound()
      if (requirement.workspaceId !== undefined && row.workspaceId !== requirement.workspaceId) throw itemNotFound()
      if (requirement.kind !== undefined && row.kind !== requirement.kind) throw itemNotFound()
      if (!requirement.trashed && path.some(step => step.trashed)) throw itemNotFound()

      if (!seats.has(row.workspaceId)) {
        const member = await queries.findMember(db, row.workspaceId, userId)
        seats.set(row.workspaceId, member && { member, granted: await queries.listGrants(db, row.workspaceId, userId) })
      }
      const seat = seats.get(row.workspaceId)
      if (!seat) throw itemNotFound()
      const onPath = new Set(path.map(step => step.id))
      const roles = effectiveSpaceRoles(seat.member.role, seat.granted.filter(grant => onPath.has(grant.folderId)).map(grant => grant.role))
      const standing = { kind: row.kind, own: row.createdBy === userId }
      if (!mayOnItem(roles, 'see', standing)) throw itemNotFound()
      if (!mayOnItem(roles, requirement.action, standing)) throw accessDenied(`Your role does not let you ${actionWords[requirement.action]} here`)
      result.push({
        ...row,
        path,
        roles,
        permissions: itemActions.filter(action => mayOnItem(roles, action, standing)),
      })
    }
    return result
  }

  return {
    async authenticate(session) {
      const signedIn = await queries.findSignedIn(pool, session, clock())
      if (!signedIn) throw unauthenticated('The session has ended')
      return signedIn
    },

    async requireMember(userId, workspaceId, action, db = pool) {
      const member = await queries.findMember(db, workspaceId, userId)
      if (!member || !mayInWorkspace(member.role, 'workspace.see')) throw notFound('There is no such workspace')
      if (!mayInWorkspace(member.role, action)) throw accessDenied('Your role in this workspace does not allow this')
      return member
    },

    requireItems,
    async requireItem(userId, itemId, requirement, db) {
      const [item] = await requireItems(userId, [itemId], requirement, db)
      return item!
    },
  }
}

const itemNotFound = () => notFound('There is no such file or folder')

const actionWords: Record<ItemAction, string> = {
  see: 'see this',
  preview: 'preview files',
  download: 'download files',
  upload: 'add anything',
  change: 'change this',
  share: 'share this',
  manage: 'manage access',
}
