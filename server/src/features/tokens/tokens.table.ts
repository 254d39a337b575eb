import type { SQL, SQLWrapper } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

/** Personal access tokens: what a person's programs come with. One that was ended has no row. */
export const accessTokens = pgTable('access_tokens', {
  id: id(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  scopes: text('scopes', {
    enum: ['read', 'write', 'links', 'admin'],
  }).array().notNull(),
  /** The only one that it reaches; null: all of the person's. */
  workspaceId: uuid('workspace_id').references(() => workspaces.id, { onDelete: 'cascade' }),
  tokenHash: binary('token_hash').notNull(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  /** To some minutes. */
  lastUsedAt: instant('last_used_at'),
  lastUsedIp: text('last_used_ip'),
}, table => [
  uniqueIndex('access_tokens_token_hash_unique').on(table.tokenHash),
  index('access_tokens_user_id_index').on(table.userId),
  index('access_tokens_workspace_id_index').on(table.workspaceId),
  check('access_tokens_scopes_check', sql`${table.scopes} <@ array['read', 'write', 'links', 'admin'] and ${table.scopes} <> '{}'`),
])

/** Whether what was begun with a token (by its id; null: without one) may go on: the token was not ended, and has not expired. */
export function tokenStands(tokenId: SQLWrapper, now: SQLWrapper | Date): SQL {
  const at = now instanceof Date
    ? sql`${now.toISOString()}::timestamptz`
    : now
  return sql`(${tokenId} is null or exists(select from ${accessTokens} where ${accessTokens.id} = ${tokenId} and ${accessTokens.expiresAt} > ${at}))`
}
