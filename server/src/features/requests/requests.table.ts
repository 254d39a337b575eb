import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { id, instant, name } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'

/** What people without an account ask of those who run the instance. */
export const requests = pgTable('requests', {
  id: id(),
  kind: text('kind', {
    enum: ['access', 'support'],
  }).notNull(),
  name: name().notNull(),
  email: text('email').notNull(),
  company: text('company'),
  message: text('message').notNull(),
  state: text('state', {
    enum: ['new', 'answered', 'spam'],
  }).notNull().default('new'),
  createdAt: instant('created_at').notNull(),
  handledAt: instant('handled_at'),
  handledBy: uuid('handled_by').references(() => users.id, { onDelete: 'set null' }),
  ip: text('ip'),
  userAgent: text('user_agent'),
}, table => [
  index('requests_state_created_at_index').on(table.state, table.createdAt, table.id),
  check('requests_kind_check', sql`${table.kind} in ('access', 'support')`),
  check('requests_state_check', sql`${table.state} in ('new', 'answered', 'spam')`),
  check('requests_handled_at_check', sql`(${table.state} = 'new') = (${table.handledAt} is null)`),
])
