import { index, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core'
import { binary, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'

/** The browsers and programs in which a person has signed in, so that another one is news. */
export const knownDevices = pgTable('known_devices', {
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  /** A hash of what it is known by and the person: two people of one browser have nothing in common here. */
  mark: binary('mark').notNull(),
  lastUsedAt: instant('last_used_at').notNull(),
}, table => [
  primaryKey({
    name: 'known_devices_pkey',
    columns: [table.userId, table.mark],
  }),
  index('known_devices_last_used_at_index').on(table.lastUsedAt),
])
