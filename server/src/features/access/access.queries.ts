import type { Executor } from '../../db/database.ts'
import type { SignedIn } from '../../http/caller.ts'
import type { SpaceRole, WorkspaceRole } from './access.policy.ts'
import { and, eq, gt, inArray, isNull, sql } from 'drizzle-orm'
import { sessions } from '../auth/sessions.table.ts'
import { items } from '../items/items.table.ts'
import { members } from '../members/members.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

export interface Member {
  id: string
  workspaceId: string
  userId: string
  role: WorkspaceRole
}

export interface ItemRow {
  id: string
  workspaceId: string
  spaceId: string
  parentId: string | null
  kind: 'folder' | 'file'
  name: string
  versionId: string | null
  sizeBytes: number
  mediaType: string | null
  revision: number
  createdBy: string | null
  createdAt: Date
  updatedAt: Date
  trashedAt: Date | null
}

export interface PathStep { id: string, name: string, trashed: boolean }

const itemColumns = {
  id: items.id,
  workspaceId: items.workspaceId,
  spaceId: items.spaceId,
  parentId: items.parentId,
  kind: items.kind,
  name: items.name,
  versionId: items.versionId,
  sizeBytes: items.sizeBytes,
  mediaType: items.mediaType,
  revision: items.revision,
  createdBy: items.createdBy,
  createdAt: items.createdAt,
  updatedAt: items.updatedAt,
  trashedAt: items.trashedAt,
}

export async function findSignedIn(db: Executor, session: { userId: string, sessionId: string }, now: Date): Promise<SignedIn | undefined> {
  const [row] = await db
    .select({
      userId: users.id,
      sessionId: sessions.id,
      name: users.name,
      email: users.email,
      isOperator: users.isOperator,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.id, session.sessionId), eq(sessions.userId, session.userId), isNull(sessions.revokedAt), gt(sessions.expiresAt, now), isNull(users.disabledAt)))
  return row
}

/** The member's seat; undefined also when the user is disabled. */
export async function findMember(db: Executor, workspaceId: string, userId: string): Promise<Member | undefined> {
  const [row] = await db
    .select({
      id: members.id,
      workspaceId: members.workspaceId,
      userId: members.userId,
      role: members.role,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .innerJoin(workspaces, eq(workspaces.id, members.workspaceId))
    .where(and(eq(members.workspaceId, workspaceId), eq(members.userId, userId), isNull(users.disabledAt)))
  return row
}

export async function listItems(db: Executor, itemIds: readonly string[]): Promise<ItemRow[]> {
  return itemIds.length === 0
    ? []
    : db.select(itemColumns).from(items).where(inArray(items.id, [...itemIds]))
}

/** Where an item stands, and what one person holds there. */
export interface Place {
  /** From the space's root folder down to the item itself. */
  path: PathStep[]
  /** Null for somebody who is no member of the item's workspace, or is disabled. */
  memberRole: WorkspaceRole | null
  /** Granted on the item or above it. */
  granted: SpaceRole[]
}

/** The place of each item that exists, in one query: every request asks this, some several times. */
export async function listPlaces(db: Executor, userId: string, itemIds: readonly string[]): Promise<Map<string, Place>> {
  const places = new Map<string, Place>()
  if (itemIds.length === 0) return places
  // One alone is asked for by far the most, and `=` is what PostgreSQL can plan once for all.
  const wanted = itemIds.length === 1
    ? sql`= ${itemIds[0]}`
    : sql`= any(${sql.param([...itemIds])}::uuid[])`
  const { rows } = await db.execute<{ origin: string, id: string, name: string, trashed: boolean, member_role: WorkspaceRole | null, granted: SpaceRole | null }>(sql`
    with recursive path as (
      select id as origin, workspace_id, id, parent_id, name, trashed_at, 0 as depth from items where id ${wanted}
      union all
      select path.origin, path.workspace_id, parent.id, parent.parent_id, parent.name, parent.trashed_at, path.depth + 1
      from path join items parent on parent.id = path.parent_id
    ), seat as (
      select members.workspace_id, members.role
      from members join users on users.id = members.user_id and users.disabled_at is null
      where members.user_id = ${userId}
    )
    select path.origin, path.id, path.name, path.trashed_at is not null as trashed, seat.role as member_role, grants.role as granted
    from path
    left join seat on seat.workspace_id = path.workspace_id
    left join grants on grants.workspace_id = path.workspace_id and grants.folder_id = path.id and grants.user_id = ${userId}
    order by path.origin, path.depth desc`)
  for (const { origin, member_role: memberRole, granted, ...step } of rows) {
    const place = places.get(origin) ?? { path: [], memberRole, granted: [] }
    place.path.push(step)
    if (granted) place.granted.push(granted)
    places.set(origin, place)
  }
  return places
}

/** The roles granted to a user in a workspace, by folder. */
export async function listGrants(db: Executor, workspaceId: string, userId: string): Promise<{ folderId: string, role: SpaceRole }[]> {
  return db.select({ folderId: grants.folderId, role: grants.role }).from(grants).where(and(eq(grants.workspaceId, workspaceId), eq(grants.userId, userId)))
}
