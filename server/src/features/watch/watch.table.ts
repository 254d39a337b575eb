import { index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'

/** How often something was done in an hour, as far as a lot of it is worth telling. */
export const watchCounts = pgTable('watch_counts', {
  /** Of the log that tells of it. */
  chainId: uuid('chain_id').notNull(),
  kind: text('kind', {
    enum: [
      'link_refusals',
      'account_refusals',
      'downloads',
      'trashed',
      'purged',
    ],
  }).notNull(),
  /** The link or the person. */
  subjectId: uuid('subject_id').notNull(),
  /** When the hour began. */
  hour: instant('hour').notNull(),
  count: integer('count').notNull(),
}, table => [
  primaryKey({
    name: 'watch_counts_pkey',
    columns: [
      table.chainId,
      table.kind,
      table.subjectId,
      table.hour,
    ],
  }),
  index('watch_counts_hour_index').on(table.hour),
])

/** From where those who manage a workspace or the deployment have signed in. */
export const watchNetworks = pgTable('watch_networks', {
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  /** A /24 of IPv4, a /48 of IPv6. */
  network: text('network').notNull(),
  seenAt: instant('seen_at').notNull(),
}, table => [
  primaryKey({
    name: 'watch_networks_pkey',
    columns: [table.userId, table.network],
  }),
  index('watch_networks_seen_at_index').on(table.seenAt),
])
