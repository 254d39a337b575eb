import type { Executor } from '../../db/database.ts'
import type { SpaceRole, WorkspaceRole } from '../access/access.policy.ts'
import { and, asc, desc, eq, gt, isNull, ne, or, sql } from 'drizzle-orm'
import { naturally } from '../../db/columns.ts'
import { sessions } from '../auth/sessions.table.ts'
import { hasFactor } from '../factors/factors.table.ts'
import { pictureOf } from '../pictures/pictures.table.ts'
import { grants, spaces } from '../spaces/spaces.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { invitations, members } from './members.table.ts'

export interface MemberRow {
  id: string
  userId: string
  name: string
  email: string
  picture: string | null
  role: WorkspaceRole
  spaceRole: SpaceRole | null
  hasSecondFactor: boolean
  createdAt: Date
  lastSeenAt: Date | null
}

const selectMembers = (db: Executor) => db
  .select({
    id: members.id,
    userId: members.userId,
    name: users.name,
    email: users.email,
    picture: pictureOf(members.userId),
    role: members.role,
    spaceRole: grants.role,
    hasSecondFactor: hasFactor(members.userId),
    createdAt: members.createdAt,
    lastSeenAt: sql<Date | null>`(select max(${sessions.lastUsedAt}) from ${sessions} where ${sessions.userId} = ${members.userId})`.mapWith(sessions.lastUsedAt),
  })
  .from(members)
  .innerJoin(users, eq(users.id, members.userId))
  .innerJoin(spaces, and(eq(spaces.workspaceId, members.workspaceId), eq(spaces.kind, 'team')))
  .leftJoin(grants, and(eq(grants.folderId, spaces.rootFolderId), eq(grants.userId, members.userId)))

export async function listMembers(db: Executor, workspaceId: string): Promise<MemberRow[]> {
  return selectMembers(db).where(eq(members.workspaceId, workspaceId)).orderBy(asc(naturally(users.name)), asc(members.id))
}

export async function findMember(db: Executor, workspaceId: string, memberId: string): Promise<MemberRow | undefined> {
  const [row] = await selectMembers(db).where(and(eq(members.workspaceId, workspaceId), eq(members.id, memberId)))
  return row
}

export async function findMemberOfUser(db: Executor, workspaceId: string, by: { userId: string } | { emailKey: string }): Promise<{ id: string, role: WorkspaceRole } | undefined> {
  const [row] = await db
    .select({ id: members.id, role: members.role })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(
      eq(members.workspaceId, workspaceId),
      'userId' in by
        ? eq(users.id, by.userId)
        : eq(users.emailKey, by.emailKey),
    ))
  return row
}

/** Every change of who owns a workspace holds this lock: counting owners is exact only under it. */
export async function lockWorkspace(db: Executor, workspaceId: string): Promise<{ name: string, slug: string }> {
  const [row] = await db.select({ name: workspaces.name, slug: workspaces.slug }).from(workspaces).where(eq(workspaces.id, workspaceId)).for('update')
  return row!
}

/** Owners other than this one who can still sign in. */
export async function countOtherOwners(db: Executor, workspaceId: string, memberId: string): Promise<number> {
  return db.$count(
    members,
    and(
      eq(members.workspaceId, workspaceId),
      eq(members.role, 'owner'),
      ne(members.id, memberId),
      sql`exists(select from ${users} where ${and(eq(users.id, members.userId), isNull(users.disabledAt))})`,
    ),
  )
}

/** Gives the role on the team space's root folder, or takes it away. */
export async function setSpaceRole(db: Executor, workspaceId: string, userId: string, role: SpaceRole | null, fresh: { id: string, now: Date }): Promise<void> {
  const [space] = await db.select({ rootFolderId: spaces.rootFolderId }).from(spaces).where(and(eq(spaces.workspaceId, workspaceId), eq(spaces.kind, 'team')))
  const { rootFolderId } = space!
  if (role === null) {
    await db.delete(grants).where(and(eq(grants.workspaceId, workspaceId), eq(grants.folderId, rootFolderId), eq(grants.userId, userId)))
    return
  }
  await db
    .insert(grants)
    .values({
      id: fresh.id,
      workspaceId,
      folderId: rootFolderId,
      userId,
      role,
      createdAt: fresh.now,
    })
    .onConflictDoUpdate({
      target: [grants.folderId, grants.userId],
      set: { role },
    })
}

export async function deleteMember(db: Executor, workspaceId: string, member: { id: string, userId: string }): Promise<void> {
  await db.delete(grants).where(and(eq(grants.workspaceId, workspaceId), eq(grants.userId, member.userId)))
  await db.delete(members).where(and(eq(members.workspaceId, workspaceId), eq(members.id, member.id)))
}

export type InvitationRow = typeof invitations.$inferSelect

const invitationColumns = {
  invitation: invitations,
  inviter: { id: users.id, name: users.name },
}

export async function listInvitations(db: Executor, workspaceId: string) {
  return db
    .select(invitationColumns)
    .from(invitations)
    .innerJoin(users, eq(users.id, invitations.createdBy))
    .where(eq(invitations.workspaceId, workspaceId))
    .orderBy(desc(invitations.createdAt), desc(invitations.id))
}

export async function readInvitation(db: Executor, workspaceId: string, invitationId: string): Promise<InvitationRow | undefined> {
  const [row] = await db.select().from(invitations).where(and(eq(invitations.workspaceId, workspaceId), eq(invitations.id, invitationId)))
  return row
}

export async function lockInvitation(db: Executor, workspaceId: string, invitationId: string): Promise<InvitationRow | undefined> {
  const [row] = await db.select().from(invitations).where(and(eq(invitations.workspaceId, workspaceId), eq(invitations.id, invitationId))).for('update')
  return row
}

const selectInvitations = (db: Executor) => db
  .select({
    ...invitationColumns,
    workspace: { id: workspaces.id, name: workspaces.name, slug: workspaces.slug },
    inviterRole: sql<WorkspaceRole | null>`case when ${users.disabledAt} is null then ${members.role} end`,
  })
  .from(invitations)
  .innerJoin(workspaces, eq(workspaces.id, invitations.workspaceId))
  .innerJoin(users, eq(users.id, invitations.createdBy))
  .leftJoin(members, and(eq(members.workspaceId, invitations.workspaceId), eq(members.userId, invitations.createdBy)))

/** With the workspace, and the role that the inviter has in it now: null when they are no member any more, or disabled. */
export async function findInvitation(db: Executor, tokenHash: Buffer) {
  const [row] = await selectInvitations(db).where(or(eq(invitations.tokenHash, tokenHash), eq(invitations.mailedTokenHash, tokenHash)))
  return row
}

/** Those to one address that were not used, the newest first. */
export async function findInvitationsTo(db: Executor, emailKey: string, now: Date) {
  return selectInvitations(db)
    .where(and(
      eq(invitations.emailKey, emailKey),
      isNull(invitations.acceptedAt),
      isNull(invitations.revokedAt),
      gt(invitations.expiresAt, now),
    ))
    .orderBy(desc(invitations.createdAt), desc(invitations.id))
}

export async function findLocale(db: Executor, userId: string): Promise<string | null> {
  const [row] = await db.select({ locale: users.locale }).from(users).where(eq(users.id, userId))
  return row?.locale ?? null
}

export async function userExists(db: Executor, emailKey: string): Promise<boolean> {
  return await db.$count(users, eq(users.emailKey, emailKey)) > 0
}

export async function insertUser(tx: Executor, user: typeof users.$inferInsert): Promise<void> {
  await tx.insert(users).values(user)
}

/** Unless they have another address by now. */
export async function noteEmailVerified(tx: Executor, userId: string, emailKey: string, now: Date): Promise<void> {
  await tx.update(users).set({ emailVerifiedAt: now }).where(and(eq(users.id, userId), eq(users.emailKey, emailKey)))
}

export async function insertMember(tx: Executor, member: typeof members.$inferInsert): Promise<void> {
  await tx.insert(members).values(member)
}

export async function setRole(tx: Executor, workspaceId: string, memberId: string, role: WorkspaceRole): Promise<void> {
  await tx.update(members).set({ role }).where(and(eq(members.workspaceId, workspaceId), eq(members.id, memberId)))
}

export async function insertInvitation(tx: Executor, invitation: typeof invitations.$inferInsert): Promise<InvitationRow> {
  const [row] = await tx.insert(invitations).values(invitation).returning()
  return row!
}

export async function renewInvitation(tx: Executor, invitationId: string, by: Pick<InvitationRow, 'tokenHash' | 'mailedTokenHash' | 'language' | 'createdBy' | 'expiresAt'>): Promise<InvitationRow> {
  const [row] = await tx.update(invitations).set(by).where(eq(invitations.id, invitationId)).returning()
  return row!
}

export async function endInvitation(tx: Executor, invitationId: string, end: { acceptedAt: Date, acceptedBy: string } | { revokedAt: Date }): Promise<void> {
  await tx.update(invitations).set(end).where(eq(invitations.id, invitationId))
}
