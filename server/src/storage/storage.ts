import type { Buffer } from 'node:buffer'
import type { Readable } from 'node:stream'

/**
 * Where the bytes of files live. Every driver passes `storage.contract.ts`; the database, never the store, says what exists.
 *
 * Common to all calls:
 * - A key is made of server ids only (see `object-key.ts`) and is new for every attempt: an object never changes once written.
 * - Sizes and offsets are bytes. A range is inclusive at both ends, as in RFC 9110 §14.1.2.
 * - A body that is handed in belongs to the driver: it is read to its end or destroyed. The body's own error is thrown on
 *   unchanged, so that a meter's or a time-out's meaning is not lost; everything else is a `StorageError`.
 * - A body that is handed out belongs to the caller: read it to its end, destroy it, or abort the signal.
 * - An aborted call rejects with kind `aborted`, after it has let go of every descriptor and socket.
 */
export interface Storage {
  readonly kind: 'local' | 's3'

  /**
   * Writes one object. Durable when it resolves; a failure leaves nothing under the key. `size`, when given, must be met exactly.
   * `atLeast` for a body whose size is not quite known: it has so many bytes, and SLACK_BYTES more at most. A store that has to be told sizes buffers it then no longer.
   * @throws MeterError `short` or `long` for another body than was promised; not every driver minds what `atLeast` promised
   */
  putObject: (key: string, body: Readable, options?: PutOptions) => Promise<{ size: number }>

  /**
   * Writes a small object, whole and durable, unless the key has one. Of many calls at once, those of other processes included, one writes; only on a
   * store that knows no such condition (a file system without hard links, some S3 servers) each may.
   * @returns whether it was written; false also when it was by this call, whose answer was lost
   */
  putIfAbsent: (key: string, bytes: Buffer) => Promise<boolean>

  /** Opens an upload in parts. Keep `ref` in the database before the first part is sent, or only the sweep will find it. */
  createMultipart: (key: string, layout: PartLayout) => Promise<{ ref: string }>

  /**
   * Writes one part: any order, in parallel, as often as wanted; durable when it resolves. Of two sends of one part the newest
   * wins: the older rejects as `aborted`, and has settled before a byte of the newer is written.
   * A send that fails may have spoilt what an earlier send of the same part wrote; `completeMultipart` notices by the etag.
   * @throws MeterError `short` or `long` when the body is not exactly `part.size` bytes
   */
  putPart: (upload: MultipartRef, part: PartRange, body: Readable, options?: AbortOptions) => Promise<{ etag: string }>

  /**
   * Makes the parts one object. Idempotent, also when a crash came after it and before the caller could note it.
   * @throws StorageError `part_mismatch` (with the numbers, when known) when a part is missing or not the one of that etag;
   * the upload stays open and those parts can be sent again
   */
  completeMultipart: (upload: MultipartRef, parts: CompleteParts, options?: AbortOptions) => Promise<void>

  /** Drops an upload and all it staged; sends in flight are aborted first. Idempotent. A completed object is left alone. */
  abortMultipart: (upload: MultipartRef) => Promise<void>

  /**
   * Opens an object. `size` is what `body` will give: exactly that many bytes, or it errors.
   * Pass `expectedSize` from the database row: a store that holds another size is found before the first byte is sent. `patient` waits for a store
   * that is away for a moment instead of failing at once.
   * @throws StorageError `not_found`; `corrupt` when the object is not `expectedSize` long or ends before the range does
   */
  getObject: (key: string, options?: GetOptions) => Promise<{ body: Readable, size: number }>

  statObject: (key: string) => Promise<{ size: number } | undefined>

  /** Removes an object for good. Idempotent. */
  deleteObject: (key: string) => Promise<void>

  /** Every object, or those whose keys begin with `prefix`, in no particular order. What changes meanwhile may be seen or not. */
  listObjects: (options?: AbortOptions & { prefix?: string }) => AsyncIterable<ObjectEntry>

  /**
   * What is staged and not yet an object, whole-object writes cut off by a crash included: what the sweep gives to `abortMultipart`.
   * With `key`: all of that key. Without: all that the store can tell, which for MinIO is nothing (it lists by whole keys only).
   */
  listMultiparts: (options?: AbortOptions & { key?: string }) => AsyncIterable<MultipartEntry>

  /**
   * Where a proxy beside the server gets an object by itself, for `expiresSeconds` at least (a local file: always).
   * With `browser`: where a browser does, at the store's public address and with these headers in its answer.
   * @throws StorageError `not_found`; `corrupt` when the object is not `expectedSize` long
   */
  locateObject: (key: string, options: LocateOptions) => Promise<ObjectLocation>

  /** Proves that the store takes a write now. Rejects by the deadline (5 s unless told otherwise). */
  probe: (options?: { timeoutMs?: number }) => Promise<void>

  /** Aborts what is in flight, waits for it, lets go of everything. Idempotent; later calls reject as `unavailable`. */
  close: () => Promise<void>
}

export const SLACK_BYTES = 128 * 1024

export interface AbortOptions { signal?: AbortSignal }
export interface PutOptions extends AbortOptions { size?: number, atLeast?: number }
export interface ByteRange { start: number, end: number }
export interface GetOptions extends AbortOptions { range?: ByteRange, expectedSize?: number, patient?: boolean }

/** All parts are `partSize` long but the last; see `part-layout.ts`. */
export interface PartLayout { size: number, partSize: number }
export interface MultipartRef { key: string, ref: string }
export interface PartRange { n: number, offset: number, size: number }
export interface CompleteParts { size: number, parts: readonly { n: number, etag: string, size: number }[] }

export interface BrowserHeaders { contentType: string, contentDisposition: string }
export interface LocateOptions { expectedSize: number, expiresSeconds: number, browser?: BrowserHeaders }

/** `path`: below the driver's root. `url`: signed for GET, with ranges; anybody who has it may read the object. */
export type ObjectLocation = { kind: 'file', path: string } | { kind: 'url', url: URL }

export interface ObjectEntry { key: string, size: number, modifiedAt: Date }

/** `modifiedAt`: the last write the store knows of; a store that does not tell gives the start. */
export interface MultipartEntry { key: string, ref: string, modifiedAt: Date }

/**
 * - `not_found`: no such object or upload
 * - `full`: no space or quota left
 * - `unavailable`: the store failed or does not answer; worth trying again
 * - `corrupt`: what the store holds is not what was written
 * - `part_mismatch`: parts to be sent again, see `parts`
 * - `aborted`: by the signal, by a newer send of the part, or by the end of the upload or of the driver
 */
export type StorageErrorKind = 'not_found' | 'full' | 'unavailable' | 'corrupt' | 'part_mismatch' | 'aborted'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly kind: StorageErrorKind
  /** Of `part_mismatch`: the numbers of the parts to be sent again. */
  readonly parts: readonly number[]

  constructor(kind: StorageErrorKind, message: string, options: { cause?: unknown, parts?: readonly number[] } = {}) {
    super(message, 'cause' in options
      ? { cause: options.cause }
      : undefined)
    this.kind = kind
    this.parts = options.parts ?? []
  }
}

export function isStorageError(error: unknown, kind?: StorageErrorKind): error is StorageError {
  return error instanceof StorageError && (kind === undefined || error.kind === kind)
}
