import type { ProblemError } from '../api/problem.ts'
import type { UploadFolder } from './folder-maker.ts'

/**
 * `waiting` for its turn · `sending` · `paused` by the person · `conflict`: the name is taken, the person decides · `locked`: the browser
 * asks again whether this page may read the file · `lost`: its bytes can no longer be read, the same file must be chosen again ·
 * `failed` for good, until the person tries again · `done`, `skipped`: over.
 */
export type TransferState = 'waiting' | 'sending' | 'paused' | 'conflict' | 'locked' | 'lost' | 'failed' | 'done' | 'skipped'

export type OnConflict = 'fail' | 'rename' | 'replace'

/** What the person may answer when a name is taken. */
export type ConflictChoice = 'rename' | 'replace' | 'skip'

export interface UploadSession {
  id: string
  /** Bearer of this upload alone. */
  token: string
  partSize: number
  partCount: number
}

/** The hash of the whole file as far as it was read: the state of the hasher after part `through`. */
export interface WholeHash {
  through: number
  state: Uint8Array
}

/** What is remembered of a file across a reload. */
export interface TransferRecord {
  id: string
  userId: string
  /** Everything that was dropped or chosen at once; conflicts are answered for all of it. */
  batchId: string
  workspaceId: string
  /** Where it was dropped. */
  parentId: string
  /** The folders below `parentId` that it came in. */
  folders: string[]
  name: string
  /** The name of the file itself, when it becomes a version of another. */
  sourceName?: string
  size: number
  lastModified: number
  mediaType: string
  onConflict: OnConflict
  paused: boolean
  session?: UploadSession
  whole?: WholeHash
  addedAt: number
}

/** One file on its way, as the tray shows it. */
export interface Transfer extends TransferRecord {
  state: TransferState
  /** Bytes that have left. */
  sent: number
  /** Bytes a second; null when nobody can tell. */
  speed: number | null
  problem?: ProblemError
  /** The next try after a failure on the way, ms since the epoch. */
  retryAt?: number
  /** The bytes can be read again after a reload, without asking for the file. */
  kept: boolean
  /** The folders of `folders`, once they are there. */
  way?: UploadFolder[]
  /** What it became. */
  item?: UploadedItem
}

export interface UploadedItem {
  id: string
  name: string
  parentId: string | null
  /** What the person may do with it. */
  permissions?: readonly string[]
}

export const isOver = ({ state }: Pick<Transfer, 'state'>) => state === 'done' || state === 'skipped'

/** Needs the person before it can go on. */
export const needsAttention = ({ state }: Pick<Transfer, 'state'>) => state === 'failed' || state === 'lost' || state === 'locked' || state === 'conflict'
