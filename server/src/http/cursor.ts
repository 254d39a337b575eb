import type { AppError } from '../errors/app-error.ts'
import { requestInvalid } from '../errors/common-errors.ts'
import { isStorableInstant, isUuid } from './text-forms.ts'

/** The keyset position after the last row of a page, opaque to callers. */
export function encodeCursor(position: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/**
 * `id` and `instant` are strings as this API writes them: others would reach PostgreSQL as no uuid, or a time that it does not know. `kind` is
 * what an item is.
 */
export type CursorPart = 'string' | 'number' | 'id' | 'instant' | 'instantOrNull' | 'kind'

/**
 * @param shape the type of each part, for example `['instant', 'id']`
 * @throws {AppError} `request.invalid` when the cursor was not made by `encodeCursor` for this list
 */
export function decodeCursor(cursor: string | undefined, shape: readonly CursorPart[]): (string | number | null)[] | undefined {
  if (cursor === undefined) return undefined
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(position) && position.length === shape.length && position.every((part, index) => fits[shape[index]!](part)) && encodeCursor(position) === cursor) return position as (string | number | null)[]
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

const isInstant = (part: unknown) => typeof part === 'string' && isStorableInstant(part) && new Date(part).toISOString() === part

const fits: Record<CursorPart, (part: unknown) => boolean> = {
  string: part => typeof part === 'string' && !part.includes('\0'),
  // Places in a log and sizes: anything else would reach PostgreSQL as a bad bigint.
  number: part => Number.isSafeInteger(part) && Number(part) >= 0,
  kind: part => part === 'folder' || part === 'file',
  id: part => typeof part === 'string' && isUuid(part),
  instant: isInstant,
  instantOrNull: part => part === null || isInstant(part),
}
