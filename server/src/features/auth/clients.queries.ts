import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { users } from '../users/users.table.ts'

/** Of statements about `users`: the contact of a client and nothing else here, who has shown that they read mail at their address. */
export const isClientByMail = and(
  isNull(users.disabledAt),
  eq(users.isOperator, false),
  isNotNull(users.emailVerifiedAt),
  sql`exists(select from members seat where seat.user_id = ${users.id} and seat.role = 'client')`,
  sql`not exists(select from members seat where seat.user_id = ${users.id} and seat.role <> 'client')`,
)!

/** One who has a password, and of whom a workspace asks for a second factor: either the password or the mailbox alone is not enough. */
export const isAskedClient = and(
  isClientByMail,
  isNotNull(users.passwordHash),
  sql`exists(select from members seat join workspaces on workspaces.id = seat.workspace_id where seat.user_id = ${users.id} and 'client' = any(workspaces.second_factor_roles))`,
)!
