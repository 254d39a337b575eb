import { sql } from 'drizzle-orm'
import { check, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { instant } from '../../db/columns.ts'
import { links } from '../links/links.table.ts'

/** What visitors did of which the log tells, for as long as the like of it is not told again: an hour. Says nothing about people to who reads it. */
export const linkVisits = pgTable('link_visits', {
  linkId: uuid('link_id').notNull().references(() => links.id, { onDelete: 'cascade' }),
  kind: text('kind', {
    enum: ['opened', 'refused'],
  }).notNull(),
  /** Of the network that the address is of, hashed. */
  source: text('source').notNull(),
  /** Of an opening or unlocking the browser, hashed; of a refusal its reason. */
  what: text('what').notNull(),
  notedAt: instant('noted_at').notNull(),
}, table => [
  primaryKey({
    name: 'link_visits_pkey',
    columns: [
      table.linkId,
      table.kind,
      table.source,
      table.what,
    ],
  }),
  index('link_visits_noted_at_index').on(table.notedAt),
  check('link_visits_kind_check', sql`${table.kind} in ('opened', 'refused')`),
])
