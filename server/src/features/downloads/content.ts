import type { Readable } from 'node:stream'
import type { BrowserHeaders, ByteRange, ObjectLocation } from '../../storage/storage.ts'

/** Something to send: its headers are known before the first byte. One of `open` and `locate` may be called, once. */
export interface Content {
  name: string
  size: number
  mediaType: string
  /** Strong, quoted. Null: ranges and conditions do not apply (an archive made on the fly). */
  etag: string | null
  /** Hex; null while it is not known. */
  sha256: string | null
  lastModified: Date
  open: (options: { range?: ByteRange, signal: AbortSignal }) => Promise<Readable>
  /** Bytes that this server was to send did not all go out. */
  brokenOff?: () => Promise<void>
  /** No address of the store is given to the reader. */
  staysHere?: boolean
  /** For somebody else to fetch the bytes, who then sends this very range of them; noted as `open` is. Absent: only this server can make them. */
  locate?: (options: { range?: ByteRange, expiresSeconds: number, browser?: BrowserHeaders }) => Promise<ObjectLocation>
}
