import type { AppError } from '../errors/app-error.ts'
import { requestInvalid } from '../errors/common-errors.ts'

/** The keyset position after the last row of a page, opaque to callers. */
export function encodeCursor(position: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/**
 * @param shape the type of each part, for example `['string', 'string']`
 * @throws {AppError} `request.invalid` when the cursor was not made by `encodeCursor` for this list
 */
export function decodeCursor(cursor: string | undefined, shape: readonly ('string' | 'number')[]): (string | number)[] | undefined {
  if (cursor === undefined) return undefined
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(position) && position.length === shape.length && position.every((part, index) => typeOf(part) === shape[index])) return position as (string | number)[]
  }
  catch {}
  throw wrongCursor()
}

/** For a list whose positions have more rules than their types. */
export function wrongCursor(): AppError {
  return requestInvalid({
    detail: 'The cursor does not belong to this list',
    fields: [
      { pointer: 'cursor', detail: 'is not a cursor of this list' },
    ],
  })
}

/** Positions are whole numbers: anything else would reach PostgreSQL as a bad bigint. */
const typeOf = (value: unknown): string => (typeof value === 'number' && !Number.isSafeInteger(value)
  ? 'fraction'
  : typeof value)
