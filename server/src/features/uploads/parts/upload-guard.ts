import type { AccessibleItem } from '../../access/access.service.ts'
import type { UploadsContext } from '../uploads.context.ts'
import type { UploadRow } from '../uploads.queries.ts'
import { hashSecret } from '../../../crypto/secrets.ts'
import { notFound } from '../../../errors/common-errors.ts'
import { uploadClosed, wrongToken } from '../uploads.errors.ts'
import * as queries from '../uploads.queries.ts'

/**
 * The upload that a token opens. The answer depends on the token alone, so that nobody learns which uploads exist.
 * @throws {AppError} `upload.wrong_token` for anything but this upload's own token
 */
export async function requireUpload({ db, clock }: Pick<UploadsContext, 'db' | 'clock'>, uploadId: string, token: string): Promise<UploadRow> {
  const upload = await queries.findUploadByToken(db, hashSecret(token), clock())
  if (upload?.id !== uploadId.toLowerCase()) throw wrongToken()
  return upload
}

/** @throws {AppError} `upload.closed` for one that is a file already, was aborted or has expired */
export function assertOpen(upload: Pick<UploadRow, 'state' | 'expiresAt'>, now: Date): void {
  if (upload.state === 'completed') throw uploadClosed('It is a file already')
  if (upload.state === 'aborted' || upload.expiresAt <= now) throw uploadClosed('It was given up or has expired; start again')
}

/** Whoever has an account has rights by it. What lets others send files, when something does, is asked here. @throws {AppError} `not_found` */
export function requireCreator({ createdBy }: Pick<UploadRow, 'createdBy'>): string {
  if (createdBy === null) throw notFound('There is no such file or folder')
  return createdBy
}

/** The token outlives everything but its creator's right to upload there, which counts at every call. */
export async function requireCreatorsRight({ access }: Pick<UploadsContext, 'access'>, upload: Pick<UploadRow, 'createdBy' | 'parentId' | 'workspaceId'>, tx?: Parameters<UploadsContext['access']['requireItem']>[3]): Promise<AccessibleItem> {
  if (upload.parentId === null) throw notFound('There is no such file or folder')
  return access.requireItem(requireCreator(upload), upload.parentId, { action: 'upload', workspaceId: upload.workspaceId, kind: 'folder' }, tx)
}
