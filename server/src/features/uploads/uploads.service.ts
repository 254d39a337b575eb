import type { Readable } from 'node:stream'
import type { Caller } from '../../http/caller.ts'
import type { Member } from '../access/access.service.ts'
import type { FileUploadQuery, Item } from '../items/items.schemas.ts'
import type { UploadSessions } from './upload-session.service.ts'
import type { UploadsContext } from './uploads.context.ts'
import type { CompleteInput, CreatedUpload, OpenUpload, Upload, UploadInput } from './uploads.schemas.ts'
import { createFileUpload } from './file-upload.service.ts'
import { createUploadCompletion } from './upload-completion.service.ts'
import { createPartReceiver } from './upload-part.service.ts'

export interface PartBody {
  body: Readable
  /** From Content-Length; a part must say how long it is. */
  contentLength: number | undefined
  /** RFC 9530 Content-Digest, raw header; sha-256 is checked, other algorithms are ignored. */
  contentDigest: string | undefined
  signal: AbortSignal
}

export interface FileUploadOptions {
  /** Bytes that the request brings at most, if it says so; without it room is taken as the bytes come. */
  expectedSize?: number
  /** Resolves when the request has ended well; rejects when more came than the one file. Nothing becomes visible before. */
  endOfRequest: () => Promise<void>
  signal: AbortSignal
}

/** Bytes on their way in: small files in one request, large ones by parts. */
export interface UploadsService {
  /**
   * Takes one whole file from a stream.
   * @throws {AppError} `file.too_large`, `quota.exceeded`, `item.name_taken`, `upload.interrupted`, `upload.stalled`
   */
  uploadFile: (caller: Caller, member: Member, query: FileUploadQuery, body: Readable, options: FileUploadOptions) => Promise<Item>
  /** @throws {AppError} `file.too_large`, `quota.exceeded`, `item.name_taken`, `item.name_invalid` */
  create: (caller: Caller, member: Member, input: UploadInput) => Promise<CreatedUpload>
  /** The person's own unfinished uploads. */
  listOpen: (member: Member) => Promise<OpenUpload[]>
  /** @throws {AppError} `upload.wrong_token` (401) for every token but this upload's, whether there is such an upload or not; so all calls by token */
  get: (uploadId: string, token: string) => Promise<Upload>
  /** Any order, parallel, repeatable; 200 means durable. @throws {AppError} `upload.part_number`, `upload.part_size`, `upload.length_required`, `upload.digest_mismatch`, `upload.closed`, `upload.stalled`, `upload.interrupted`, `upload.part_superseded` */
  putPart: (uploadId: string, token: string, n: number, part: PartBody) => Promise<{ etag: string }>
  /**
   * Idempotent, also in parallel: a repeat answers the same item.
   * @throws {AppError} `upload.incomplete` (with the numbers: `missing`), `upload.digest_mismatch`; `item.name_taken` leaves the upload open, to be
   * completed with another `name` or `onConflict`
   */
  complete: (caller: Caller, uploadId: string, token: string, input: CompleteInput) => Promise<Item>
  /** Idempotent; nothing staged remains. @throws {AppError} `upload.closed` when it is already a file */
  abort: (caller: Caller, uploadId: string, token: string) => Promise<void>
  /** The same for its owner's session, when the token is lost. */
  abortOwn: (caller: Caller, member: Member, uploadId: string) => Promise<void>
}

export function createUploadsService(context: UploadsContext, sessions: UploadSessions): UploadsService {
  return {
    ...createFileUpload(context),
    ...createPartReceiver(context),
    ...createUploadCompletion(context, sessions),
    create: sessions.create,
    listOpen: sessions.listOpen,
    get: sessions.get,
    abort: sessions.abort,
    abortOwn: sessions.abortOwn,
  }
}
