import { sql } from 'drizzle-orm'
import { boolean, check, pgTable, text } from 'drizzle-orm/pg-core'
import { binary, instant } from '../../db/columns.ts'

/** The deployment itself: one row. */
export const instance = pgTable('instance', {
  singleton: boolean('singleton').primaryKey().default(true),
  name: text('name').notNull().default('ClientShare'),
  organisation: text('organisation').notNull().default(''),
  contactEmail: text('contact_email').notNull().default(''),
  postalAddress: text('postal_address').notNull().default(''),
  setupTokenHash: binary('setup_token_hash'),
  setUpAt: instant('set_up_at'),
  updatedAt: instant('updated_at').notNull().defaultNow(),
}, table => [
  check('instance_singleton_check', sql`${table.singleton}`),
])
