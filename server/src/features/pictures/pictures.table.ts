import type { AnyColumn } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { check, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { binary, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'

/** What people look like, as they chose: small enough for a row, so that backups and deleting take it along. */
export const userPictures = pgTable('user_pictures', {
  userId: uuid('user_id').primaryKey().references(() => users.id, { onDelete: 'cascade' }),
  /** WebP, made anew by this server. */
  image: binary('image').notNull(),
  /** Another for another picture. */
  version: text('version').notNull(),
  createdAt: instant('created_at').notNull(),
}, table => [
  check('user_pictures_image_check', sql`octet_length(${table.image}) between 1 and 102400`),
])

/** The version of a person's picture, null without one, for statements that name them. */
export const pictureOf = (userId: AnyColumn) => sql<string | null>`(select user_pictures.version from user_pictures where user_pictures.user_id = ${userId})`
