import { sql } from 'drizzle-orm'
import { check, index, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../db/columns.ts'

/** The bytes on their way to another driver; at most one is unfinished. Its id also marks the target, so that another store in its place is noticed. */
export const storageMoves = pgTable('storage_moves', {
  id: id(),
  source: text('source', {
    enum: ['local', 's3'],
  }).notNull(),
  target: text('target', {
    enum: ['local', 's3'],
  }).notNull(),
  startedAt: instant('started_at').notNull(),
  finishedAt: instant('finished_at'),
}, table => [
  uniqueIndex('storage_moves_unfinished_unique').on(sql`(${table.finishedAt} is null)`).where(sql`${table.finishedAt} is null`),
  check('storage_moves_stores_check', sql`${table.source} in ('local', 's3') and ${table.target} in ('local', 's3') and ${table.source} <> ${table.target}`),
])

/**
 * What the target of a move holds or may hold: written before the first byte of the copy, gone once the move is over. No foreign key to
 * `objects`: the copy of an object that was deleted meanwhile has to be found and deleted too.
 */
export const storageCopies = pgTable('storage_copies', {
  moveId: uuid('move_id').notNull().references(() => storageMoves.id, { onDelete: 'cascade' }),
  key: text('key').notNull(),
  /** Set when the target gave back the very bytes that the source gave. */
  verifiedAt: instant('verified_at'),
  /** When the target last listed it with the right size. */
  listedAt: instant('listed_at'),
  /** What is wrong with the source's object, in words. */
  problem: text('problem'),
}, table => [
  primaryKey({
    name: 'storage_copies_pkey',
    columns: [table.moveId, table.key],
  }),
  index('storage_copies_problem_index').on(table.moveId).where(sql`${table.problem} is not null`),
])
