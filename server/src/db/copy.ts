import type { Readable } from 'node:stream'
import type pg from 'pg'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { from, to } from 'pg-copy-streams'

/** What a COPY … TO STDOUT gives; `rowCount` counts when all of it was read. The connection is good for nothing else when it was not. */
export function copyOut(client: pg.Client, statement: string): { body: Readable, rowCount: () => number } {
  const body = client.query(to(statement))
  return {
    body,
    rowCount: () => body.rowCount,
  }
}

/** Sends what was compressed to a COPY … FROM STDIN. @returns how many rows it was */
export async function copyIn(client: pg.Client, statement: string, compressed: Readable): Promise<number> {
  const rows = client.query(from(statement))
  await pipeline(compressed, createGunzip(), rows)
  return rows.rowCount
}
