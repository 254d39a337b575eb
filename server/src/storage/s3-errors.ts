import type { StorageErrorKind } from './storage.ts'
import { errorCode } from './disk.ts'
import { MeterError } from './meter.ts'
import { StorageError } from './storage.ts'

/** What an S3 server said instead of yes. Nothing else of its answer is kept: it may repeat the request, signature included. */
export class S3Refusal extends Error {
  override readonly name = 'S3Refusal'
  /** Of HTTP. */
  readonly status: number
  /** Of S3, as `NoSuchKey`; empty when the answer had none, as that of another server. */
  readonly code: string

  constructor(status: number, code: string) {
    super(code === ''
      ? `status ${status}`
      : `${code} (${status})`)
    this.status = status
    this.code = code
  }
}

export function refusalOf(error: unknown): S3Refusal | undefined {
  const cause = error instanceof StorageError
    ? error.cause
    : error
  return cause instanceof S3Refusal
    ? cause
    : undefined
}

/** What MinIO says of a key for ever when a join's caller went away between its two renames: nothing can be stored there any more. */
export const SPOILT_KEY = 'XMinioObjectExistsAsDirectory'

/** Codes of S3 and of MinIO that mean more to us than "try again". */
const KINDS: Record<string, StorageErrorKind> = {
  NoSuchKey: 'not_found',
  NoSuchUpload: 'not_found',
  XMinioInvalidResourceName: 'not_found', // an upload id that MinIO cannot have given
  [SPOILT_KEY]: 'not_found',
  XMinioStorageFull: 'full',
  XMinioAdminBucketQuotaExceeded: 'full',
  QuotaExceeded: 'full',
  InsufficientCapacity: 'full',
  InvalidRange: 'corrupt',
  InvalidPart: 'part_mismatch',
  InvalidPartOrder: 'part_mismatch',
  EntityTooSmall: 'part_mismatch',
}

/** An answer without a body (to HEAD) or with somebody else's has its status only. */
const KINDS_BY_STATUS: Record<number, StorageErrorKind> = {
  404: 'not_found',
  416: 'corrupt',
  507: 'full',
}

function kindOfRefusal({ status, code }: S3Refusal): StorageErrorKind {
  return KINDS[code] ?? (code === '' || code === 'NotFound'
    ? KINDS_BY_STATUS[status]
    : undefined) ?? 'unavailable'
}

/** Names what was tried, the server's code or the system's, and nothing of the request. */
export function toS3StorageError(error: unknown, action: string): Error {
  if (error instanceof StorageError || error instanceof MeterError)
    return error
  if (error instanceof S3Refusal)
    return new StorageError(kindOfRefusal(error), `cannot ${action}: ${error.message}`, { cause: error })
  return new StorageError('unavailable', `cannot ${action}: ${errorCode(error) ?? (error instanceof Error
    ? error.message
    : String(error))}`, { cause: error })
}

/** Runs a call of the store; its failure becomes a `StorageError`. */
export async function onStore<T>(action: string, call: Promise<T>): Promise<T> {
  try {
    return await call
  }
  catch (error) {
    throw toS3StorageError(error, action)
  }
}

/** Like `onStore`, with `undefined` for what is not there. */
export async function ifStored<T>(action: string, call: Promise<T>): Promise<T | undefined> {
  try {
    return await onStore(action, call)
  }
  catch (error) {
    if (error instanceof StorageError && error.kind === 'not_found')
      return undefined
    throw error
  }
}

/**
 * The refusal in an answer, if it is one: any status but 2xx, and a 200 with an error in its body, which is how S3 tells that joining
 * parts has failed.
 */
export function findRefusal(status: number, headers: Record<string, unknown>, body: string): S3Refusal | undefined {
  const isError = /^\s*(?:<\?xml[^>]*>\s*)?<Error[\s>]/.test(body)
  if (status >= 200 && status < 300 && !isError)
    return undefined
  const header = headers['x-minio-error-code'] // to HEAD, which has no body
  const code = isError
    ? /<Code>([\w.-]{1,100})<\/Code>/.exec(body)?.[1] ?? ''
    : typeof header === 'string' && /^[\w.-]{1,100}$/.test(header)
      ? header
      : ''
  return new S3Refusal(status, code)
}
