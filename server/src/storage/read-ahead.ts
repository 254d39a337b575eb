import type { Readable } from 'node:stream'

/** One reader alone is fastest with this: 1 GiB from the page cache, by chunks of 128 KiB 2.0, 256 KiB 2.4, 512 KiB up to 3.2 GiB/s; 1 MiB gains nothing. */
const MOST_BYTES = 512 * 1024
/** What a socket gives at a time. */
export const LEAST_BYTES = 64 * 1024
/** Of all readers of the process together, as long as each has the least. */
const SHARED_BYTES = 8 * 1024 * 1024

let readers = 0

/** From now on until it closes, it has a share. */
export function countReader<T extends Readable>(reader: T): T {
  readers++
  reader.once('close', () => readers--)
  return reader
}

/**
 * How many bytes a reader may hold just now: the more there are, the fewer. Of hundreds each is slow and gains nothing by more, and what they hold
 * adds up, for every stage behind them holds a chunk too.
 */
export function readAhead(): number {
  const share = Math.floor(SHARED_BYTES / readers / LEAST_BYTES) * LEAST_BYTES
  return Math.max(LEAST_BYTES, Math.min(share, MOST_BYTES))
}
