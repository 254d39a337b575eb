import { preconditionFailed } from '../errors/common-errors.ts'

/** The entity tag of a row that counts its changes (RFC 9110 §8.8.3). */
export const revisionTag = (revision: number) => `"${revision}"`

/** @throws {AppError} `precondition.failed` when If-Match names another revision (RFC 9110 §13.1.1) */
export function requireMatch(ifMatch: string | undefined, revision: number): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return
  const tags = ifMatch.split(',').map(tag => tag.trim())
  if (!tags.includes(revisionTag(revision))) throw preconditionFailed('Load it again and repeat your change')
}

/** Whether the client has it as it is (RFC 9110 §13.1.2). */
export const isUnchanged = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined && ifNoneMatch.split(',').some(tag => ['*', etag, `W/${etag}`].includes(tag.trim()))
