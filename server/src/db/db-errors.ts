import { DrizzleQueryError } from 'drizzle-orm/errors'

interface PgError { code?: string, constraint?: string, syscall?: string }

/** Whether the message repeats a statement and its parameters, which nobody may read. */
export const tellsQuery = (error: unknown): boolean => error instanceof DrizzleQueryError

/** What PostgreSQL or the connection to it said. */
export function withoutQuery(error: unknown): unknown {
  return error instanceof DrizzleQueryError && error.cause
    ? error.cause
    : error
}

function pgErrorOf(error: unknown): PgError | undefined {
  const inner = withoutQuery(error)
  return inner instanceof Error && 'code' in inner
    ? inner as PgError
    : undefined
}

/** The name of the unique, foreign key or check constraint that PostgreSQL refused, if that is what failed. */
export function violatedConstraint(error: unknown): string | undefined {
  const pgError = pgErrorOf(error)
  return pgError?.code?.startsWith('23')
    ? pgError.constraint
    : undefined
}

/**
 * Whether the database itself could not be reached or is going down (SQLSTATE classes 08, 53 and 57P, and socket errors), took too long (57014,
 * 55P03: the time-outs of statements and locks), or asks to try again (class 40: deadlocks).
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const { code = '', syscall } = pgErrorOf(error) ?? {}
  // A Unix socket that is gone is ENOENT, which would mean anything elsewhere.
  return /^(?:08|40|57P|53|57014|55P03)/.test(code) || syscall === 'connect' || [
    'ECONNREFUSED',
    'ECONNRESET',
    'ENOTFOUND',
    'ETIMEDOUT',
    'EPIPE',
  ].includes(code)
  || (error instanceof Error && /timeout exceeded when trying to connect|Query read timeout|Connection terminated|not queryable/.test((error.cause as Error | undefined)?.message ?? error.message))
}

/** Whether the statement was ended for its length (57014). */
export const tookTooLong = (error: unknown): boolean => pgErrorOf(error)?.code === '57014'

/** Whether a value was one that PostgreSQL cannot hold: NUL in text (22021, 22P05), a number out of the column's range (22003). */
export function isUnstorable(error: unknown): boolean {
  return ['22021', '22P05', '22003'].includes(pgErrorOf(error)?.code ?? '')
}
