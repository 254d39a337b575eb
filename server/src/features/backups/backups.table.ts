import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { bytes, instant } from '../../db/columns.ts'

/** What this deployment knows of its own backups; a backup itself tells the rest. Not a part of backups. */
export const backups = pgTable('backups', {
  id: text('id').primaryKey(),
  /** Where it is, as those who run the deployment call it. */
  place: text('place').notNull(),
  startedAt: instant('started_at').notNull(),
  /** Null while it runs, and of one that was cut off. */
  endedAt: instant('ended_at'),
  /** Null for one that is whole, damaged objects aside. */
  problem: text('problem'),
  objects: integer('objects').notNull().default(0),
  bytes: bytes('bytes').notNull().default(0),
  /** What was not in an earlier one. */
  newBytes: bytes('new_bytes').notNull().default(0),
  /** Objects that the store could not give, and that no earlier backup has. */
  damaged: integer('damaged').notNull().default(0),
}, table => [
  index('backups_started_at_index').on(table.startedAt),
])

/** The backup that this deployment was made from: written with the rows that it brought. Not a part of backups. */
export const restores = pgTable('restores', {
  backupId: text('backup_id').primaryKey(),
  loadedAt: instant('loaded_at').notNull(),
  /** Null until all of it was proved: nothing serves before. */
  provedAt: instant('proved_at'),
}, table => [
  check('restores_proved_at_check', sql`${table.provedAt} >= ${table.loadedAt}`),
])
