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

/** For each item the way from its space's root down to itself. */
export async function listPaths(db: Executor, itemIds: readonly string[]): Promise<Map<string, PathStep[]>> {
  const paths = new Map<string, PathStep[]>()
  if (itemIds.length === 0) return paths
  const { rows } = await db.execute<{ origin: string, id: string, name: string, trashed: boolean }>(sql`
    with recursive path as (
      select id as origin, id, parent_id, name, trashed_at, 0 as depth from items where id = any(${sql.param([...itemIds])}::uuid[])
      union all
      select path.origin, parent.id, parent.parent_id, parent.name, parent.trashed_at, path.depth + 1
      from path join items parent on parent.id = path.parent_id
    )
    select origin, id, name, trashed_at is not null as trashed from path order by origin, depth desc`)
  for (const { origin, ...step } of rows) {
    const path = paths.get(origin)
    if (path) path.push(step)
    else paths.set(origin, [step])
  }
  return paths
}

/** The roles granted to a user in a workspace, by folder. */
export async function listGrants(db: Executor, workspaceId: string, userId: string): Promise<{ folderId: string, role: SpaceRole }[]> {
  return db.select({ folderId: grants.folderId, role: grants.role }).from(grants).where(and(eq(grants.workspaceId, workspaceId), eq(grants.userId, userId)))
}
