import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { hasFactor } from '../factors/factors.table.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

export const members = pgTable('members', {
  id: id(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  userId: uuid('user_id').notNull().references(() => users.id),
  role: text('role', {
    enum: ['owner', 'admin', 'staff', 'client'],
  }).notNull(),
  createdAt: instant('created_at').notNull(),
}, table => [
  uniqueIndex('members_workspace_id_user_id_unique').on(table.workspaceId, table.userId),
  index('members_user_id_index').on(table.userId),
  check('members_role_check', sql`${table.role} in ('owner', 'admin', 'staff', 'client')`),
])

/** Of a client's contact: their last sign-in ended with a mailed code, after the password. */
const showsEmailFactor = sql`(${members.role} = 'client' and exists(select from users mailed where mailed.id = ${members.userId} and mailed.email_factor_at is not null))`

/**
 * When the workspace shuts to a member, or shut, because it asks a second factor of their role and they have none; null: it does not. It is asked of them since it was decided, or since
 * they came, whichever is later. For statements that join `members` and `workspaces`.
 */
export const shutsAt = sql<Date | null>`case
  when ${members.role} = any(${workspaces.secondFactorRoles}) and not ${hasFactor(members.userId)} and not ${showsEmailFactor}
  then greatest(${workspaces.secondFactorSince}, ${members.createdAt}) + make_interval(days => ${workspaces.secondFactorGraceDays})
end`.mapWith(members.createdAt)

export const invitations = pgTable('invitations', {
  id: id(),
  workspaceId: uuid('workspace_id').notNull().references(() => workspaces.id),
  /** Bound to one address when given, else for whoever holds the link. */
  email: text('email'),
  /** What that address is compared by, as an account's (`email-key.ts`). */
  emailKey: text('email_key'),
  role: text('role', {
    enum: ['admin', 'staff', 'owner', 'client'],
  }).notNull(),
  /** For staff: the role on the team space. */
  spaceRole: text('space_role', {
    enum: [
      'previewer',
      'viewer',
      'uploader',
      'contributor',
      'editor',
      'manager',
    ],
  }),
  tokenHash: binary('token_hash').notNull(),
  /** Of the link in the mail to the address, which whoever invites is not shown: who comes by it reads mail there. */
  mailedTokenHash: binary('mailed_token_hash'),
  /** Of the mail, where whoever invited chose one. */
  language: text('language', {
    enum: ['en', 'de'],
  }),
  createdBy: uuid('created_by').notNull().references(() => users.id),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  acceptedAt: instant('accepted_at'),
  acceptedBy: uuid('accepted_by').references(() => users.id),
  revokedAt: instant('revoked_at'),
}, table => [
  uniqueIndex('invitations_token_hash_unique').on(table.tokenHash),
  uniqueIndex('invitations_mailed_token_hash_unique').on(table.mailedTokenHash),
  index('invitations_email_key_index').on(table.emailKey),
  index('invitations_workspace_id_index').on(table.workspaceId, table.createdAt),
])
