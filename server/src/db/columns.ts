import type { SQLWrapper } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { bigint, customType, text, timestamp, uuid } from 'drizzle-orm/pg-core'

export const id = () => uuid('id').primaryKey()
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 })
/** Bytes; a JavaScript number holds 9 PB exactly. */
export const bytes = (name: string) => bigint(name, { mode: 'number' })
/** Unsigned, as `zlib.crc32` gives it. */
export const checksum = () => bigint('crc32', { mode: 'number' })
/** As people put names in order: numbers by their value, ä beside a, case last. An index serves it that has the same words; see the migration that made the collation. */
export const naturally = (column: SQLWrapper) => sql`${column} collate natural_order`
export const name = (column = 'name') => text(column)

/** A `bytea` column as hexadecimal text: quicker to hash and to compare than a Buffer, where there are many. */
export const hex = customType<{ data: string, driverData: Buffer | string }>({
  dataType: () => 'bytea',
  fromDriver: value => Buffer.from(value as Buffer).toString('hex'),
  toDriver: value => `\\x${value}`,
})

/** A `bytea` column as a Buffer: hashes, and ciphertext. */
export const binary = customType<{ data: Buffer, driverData: Buffer }>({
  dataType: () => 'bytea',
  fromDriver: value => Buffer.from(value),
})
