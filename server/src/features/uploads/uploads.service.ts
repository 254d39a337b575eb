import type { Readable } from 'node:stream'
import type { Caller } from '../../http/caller.ts'
import type { Member } from '../access/access.service.ts'
import type { FileUploadQuery, Item } from '../items/items.schemas.ts'
import type { CreatedUpload, OpenUpload, Upload, UploadInput } from './uploads.schemas.ts'

export interface PartBody {
  body: Readable
  /** From Content-Length; a part must say how long it is. */
  contentLength: number | undefined
  /** RFC 9530 Content-Digest, raw header; sha-256 is checked, other algorithms are ignored. */
  contentDigest: string | undefined
  signal: AbortSignal
}

/** Bytes on their way in: small files in one request, large ones by parts. */
export interface UploadsService {
  /**
   * Takes one whole file from a stream.
   * @param options.expectedSize Bytes that the request brings at most, if it says so; reserved from the quota
   * @throws {AppError} `file.too_large`, `quota.exceeded`, `item.name_taken`, `upload.interrupted`
   */
  uploadFile: (caller: Caller, member: Member, query: FileUploadQuery, body: Readable, options: { expectedSize?: number, signal: AbortSignal }) => Promise<Item>
  /** @throws {AppError} `file.too_large`, `quota.exceeded`, `item.name_taken`, `item.name_invalid` */
  create: (caller: Caller, member: Member, input: UploadInput) => Promise<CreatedUpload>
  /** The person's own unfinished uploads. */
  listOpen: (member: Member) => Promise<OpenUpload[]>
  /** @throws {AppError} `not_found`; `upload.wrong_token` (401) for a token of another upload */
  get: (uploadId: string, token: string) => Promise<Upload>
  /** Any order, parallel, repeatable; 200 means durable. @throws {AppError} `upload.part_number`, `upload.part_size`, `upload.digest_mismatch`, `upload.closed`, `upload.interrupted` */
  putPart: (uploadId: string, token: string, n: number, part: PartBody) => Promise<{ etag: string }>
  /** Idempotent: a repeat answers the same item. @throws {AppError} `upload.incomplete`, `upload.digest_mismatch`, `item.name_taken` */
  complete: (caller: Caller, uploadId: string, token: string, sha256: string | undefined) => Promise<Item>
  /** Idempotent; nothing staged remains. @throws {AppError} `upload.closed` when it is already a file */
  abort: (caller: Caller, uploadId: string, token: string) => Promise<void>
  /** The same for its owner's session, when the token is lost. */
  abortOwn: (caller: Caller, member: Member, uploadId: string) => Promise<void>
}
