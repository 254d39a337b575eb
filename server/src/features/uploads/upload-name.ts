import type { Tx } from '../../db/database.ts'
import type { Member } from '../access/access.service.ts'
import type { ParsedName } from '../items/item-name.ts'
import type { UploadsContext } from './uploads.context.ts'
import { AppError } from '../../errors/app-error.ts'
import { nameTaken } from '../items/items.errors.ts'
import { nameTakenError } from '../items/items.names.ts'
import { presentItem } from '../items/items.presenter.ts'
import * as queries from './uploads.queries.ts'

/**
 * Tells before the first byte what would fail after the last. What counts is decided when the file is made.
 * @throws {AppError} `item.name_taken`; `access.denied` for `replace` of what the person may not change
 */
export async function assertNameFree({ db, access }: Pick<UploadsContext, 'db' | 'access'>, member: Pick<Member, 'workspaceId' | 'userId'>, parentId: string, { name, key }: ParsedName, onConflict: 'fail' | 'rename' | 'replace'): Promise<void> {
  if (onConflict === 'rename') return
  const there = await queries.findNamed(db, member, parentId, key)
  if (!there) return
  if (onConflict === 'fail' || there.kind === 'folder') throw nameTakenError(name)
  await requireReplaceable(access, member, there.id, name)
}

/**
 * Tells with the refusal of a taken name what has it, to whoever may see that: by its size, its date and whose it is they decide what becomes of theirs.
 * @throws what it is given, at least
 */
export async function throwWithExisting({ db, access, clock }: Pick<UploadsContext, 'db' | 'access' | 'clock'>, { userId, workspaceId }: { userId: string | null, workspaceId: string }, parentId: string, { name, key }: ParsedName, error: unknown): Promise<never> {
  if (userId === null || !(error instanceof AppError) || error.code !== nameTaken.code) throw error
  const there = await queries.findNamed(db, { workspaceId }, parentId, key)
  const seen = there && await access.requireItem(userId, there.id, { action: 'see', workspaceId }).catch(unlessNotFound)
  const existing = seen && await presentItem(db, seen, clock()).catch(unlessNotFound)
  throw existing
    ? nameTakenError(name, existing)
    : error
}

/** Not theirs to see, or gone meanwhile. */
function unlessNotFound(error: unknown): undefined {
  if (!(error instanceof AppError) || error.status !== 404) throw error
}

/**
 * The right to give an existing file a new version.
 * @throws {AppError} `access.denied`; `item.name_taken` for what the person may not even see: that the name is in use is all that they can be told
 */
export async function requireReplaceable(access: UploadsContext['access'], { userId, workspaceId }: { userId: string | null, workspaceId: string }, fileId: string, name: string, tx?: Tx): Promise<void> {
  if (userId === null) throw nameTakenError(name)
  await access.requireItem(userId, fileId, { action: 'change', workspaceId, kind: 'file' }, tx).catch((error: unknown) => {
    throw error instanceof AppError && error.status === 404
      ? nameTakenError(name)
      : error
  })
}
