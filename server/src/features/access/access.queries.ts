import type { SQL } from 'drizzle-orm'
import type { Executor } from '../../db/database.ts'
import type { SignedIn } from '../../http/caller.ts'
import type { SpaceRole, WorkspaceRole } from './access.policy.ts'
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { builtOnce } from '../../db/database.ts'
import { owesAcceptance } from '../acceptances/acceptances.table.ts'
import { isVouched, sessions } from '../auth/sessions.table.ts'
import { lacksFactor } from '../instance/instance.table.ts'
import { items } from '../items/items.table.ts'
import { members, shutsAt } from '../members/members.table.ts'
import { grants } from '../spaces/spaces.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

export interface Member {
  id: string
  workspaceId: string
  userId: string
  role: WorkspaceRole
  /** The workspace is shut to them from then on, until they have a second factor; null: it stays open. */
  shutsAt: Date | null
}

export interface SeatedPerson { signedIn: SignedIn, member: Member | null }

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

/** `role`: granted here to the person who asks. */
export interface PathStep { id: string, name: string, trashed: boolean, role: SpaceRole | null }

const memberColumns = {
  id: members.id,
  workspaceId: members.workspaceId,
  userId: members.userId,
  role: members.role,
  shutsAt,
}

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

const signedInQuery = builtOnce(db => db
  .select({
    signedIn: {
      userId: users.id,
      sessionId: sessions.id,
      name: users.name,
      email: users.email,
      isOperator: users.isOperator,
      lacksFactor,
      owesAcceptance,
      steppedUpAt: sessions.steppedUpAt,
    },
    member: memberColumns,
  })
  .from(sessions)
  .innerJoin(users, eq(users.id, sessions.userId))
  .leftJoin(members, and(eq(members.userId, users.id), eq(members.workspaceId, sql.placeholder('workspaceId'))))
  .leftJoin(workspaces, eq(workspaces.id, members.workspaceId))
  .where(and(
    eq(sessions.id, sql.placeholder('sessionId')),
    eq(sessions.userId, sql.placeholder('userId')),
    isNull(sessions.revokedAt),
    gt(sessions.expiresAt, sql.placeholder('now')),
    isNull(users.disabledAt),
    isVouched,
  )))

/** The person behind a living session, and their seat in the workspace if one is asked about and they have one: one query, which nearly every request sends. */
export async function findSignedIn(db: Executor, session: { userId: string, sessionId: string }, workspaceId: string | null, now: Date): Promise<SeatedPerson | undefined> {
  const [row] = await signedInQuery(db).execute({ ...session, workspaceId, now })
  return row
}

const isMember = and(
  eq(members.workspaceId, sql.placeholder('workspaceId')),
  eq(members.userId, sql.placeholder('userId')),
  isNull(users.disabledAt),
)

const memberQuery = builtOnce(db => db
  .select(memberColumns)
  .from(members)
  .innerJoin(users, eq(users.id, members.userId))
  .innerJoin(workspaces, eq(workspaces.id, members.workspaceId))
  .where(isMember))

/** The member's seat; undefined also when the user is disabled. */
export async function findMember(db: Executor, workspaceId: string, userId: string): Promise<Member | undefined> {
  const [row] = await memberQuery(db).execute({ workspaceId, userId })
  return row
}

const seatsQuery = builtOnce(db => db
  .select(memberColumns)
  .from(members)
  .innerJoin(users, eq(users.id, members.userId))
  .innerJoin(workspaces, eq(workspaces.id, members.workspaceId))
  .where(and(eq(members.userId, sql.placeholder('userId')), isNull(users.disabledAt))))

export const listSeats = (db: Executor, userId: string): Promise<Member[]> => seatsQuery(db).execute({ userId })

const standingQuery = builtOnce(db => db
  .select({
    role: members.role,
    shutsAt,
    granted: sql<{ folderId: string, role: SpaceRole }[]>`(
      select coalesce(json_agg(json_build_object('folderId', held.folder_id, 'role', held.role)), '[]')
      from ${grants} held where held.workspace_id = ${members.workspaceId} and held.user_id = ${members.userId}
    )`,
  })
  .from(members)
  .innerJoin(users, eq(users.id, members.userId))
  .innerJoin(workspaces, eq(workspaces.id, members.workspaceId))
  .where(isMember))

/** The member's role, and the roles granted to them, by folder. */
export async function findStanding(db: Executor, workspaceId: string, userId: string): Promise<{ role: WorkspaceRole, shutsAt: Date | null, granted: { folderId: string, role: SpaceRole }[] } | undefined> {
  const [row] = await standingQuery(db).execute({ workspaceId, userId })
  return row
}

/** Where an item stands, and what one person holds there. */
export interface Place {
  /** From the space's root folder down to the item itself. */
  path: PathStep[]
  /** It is being deleted for ever, or something that it lies in. */
  purged: boolean
  /** Null for somebody who is no member of the item's workspace, or is disabled; `shutsAt` as JSON has it. */
  member: { role: WorkspaceRole, shutsAt: string | null } | null
}

export interface PlacedItem extends ItemRow { place: Place }

const placedItems = (wanted: SQL) => builtOnce(db => db
  .select({
    ...itemColumns,
    place: sql<Place>`place.it`,
  })
  .from(items)
  // Joined, not selected: drizzle leaves the table's name out of what a select from one table only selects, and `workspace_id` is everywhere.
  .crossJoinLateral(sql`(
    with recursive up as (
      select ${items.id} as id, ${items.parentId} as parent_id, ${items.name} as name, ${items.trashedAt} as trashed_at, ${items.purgeId} as purge_id, 0 as height
      union all
      select parent.id, parent.parent_id, parent.name, parent.trashed_at, parent.purge_id, up.height + 1
      from up join items parent on parent.id = up.parent_id
    )
    select json_build_object(
      'path', json_agg(json_build_object('id', up.id, 'name', up.name, 'trashed', up.trashed_at is not null, 'role', held.role) order by up.height desc),
      'purged', bool_or(up.purge_id is not null),
      'member', (
        select json_build_object('role', members.role, 'shutsAt', ${shutsAt})
        from members join users on users.id = members.user_id and users.disabled_at is null join workspaces on workspaces.id = members.workspace_id
        where members.workspace_id = ${items.workspaceId} and members.user_id = ${sql.placeholder('userId')}::uuid
      )
    ) as it
    from up left join grants held on held.workspace_id = ${items.workspaceId} and held.folder_id = up.id and held.user_id = ${sql.placeholder('userId')}::uuid
  ) as place`)
  .where(wanted))
// One alone is asked for by far the most, and `=` is what PostgreSQL plans once for all: with a list it plans anew for each list's length.
const placedItemQuery = placedItems(eq(items.id, sql.placeholder('itemId')))
const placedItemsQuery = placedItems(sql`${items.id} = any(${sql.placeholder('itemIds')}::uuid[])`)

/** The items that exist, each with its place, in one query: every request asks this, some several times. */
export async function listPlacedItems(db: Executor, userId: string, itemIds: readonly string[]): Promise<PlacedItem[]> {
  if (itemIds.length === 0) return []
  return itemIds.length === 1
    ? placedItemQuery(db).execute({ userId, itemId: itemIds[0] })
    : placedItemsQuery(db).execute({ userId, itemIds })
}
