import type { Readable } from 'node:stream'
import type { Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Member } from '../access/access.service.ts'

export interface ByteRange { start: number, end: number }

/** Something to send: its headers are known before the first byte. `open` may be called once. */
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
}

export interface DownloadTicket { url: string, expiresAt: string }

/** Bytes on their way out: one file as it is, or several items as a ZIP. */
export interface DownloadsService {
  /** @throws {AppError} `not_found`, `access.denied`, `file.corrupt` for a version whose integrity failed */
  file: (caller: Caller, userId: string, fileId: string, version: number | undefined) => Promise<Content>
  fileTicket: (caller: Caller, userId: string, fileId: string) => Promise<DownloadTicket>
  archiveTicket: (caller: Caller, member: Member, itemIds: string[]) => Promise<DownloadTicket>
  /** For a visitor whose download was counted in the same transaction. */
  linkTicket: (tx: Tx, link: { id: string, workspaceId: string }, kind: 'file' | 'archive', itemIds: string[]) => Promise<DownloadTicket>
  /** Checks the holder's rights (or the link) again as they are now. @throws {AppError} `not_found` for unknown, expired and no longer allowed alike */
  redeem: (caller: Caller, token: string) => Promise<Content>
}
