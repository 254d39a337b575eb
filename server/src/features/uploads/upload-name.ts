import type { Member } from '../access/access.service.ts'
import type { ParsedName } from '../items/item-name.ts'
import type { UploadsContext } from './uploads.context.ts'
import { AppError } from '../../errors/app-error.ts'
import { nameTakenError } from '../items/items.names.ts'
import * as queries from './uploads.queries.ts'

/**
 * Tells before the first byte what would fail after the last. What counts is decided when the file is made.
 * @throws {AppError} `item.name_taken`; `access.denied` for `replace` of what the person may not change
 */
export async function assertNameFree({ db, access }: Pick<UploadsContext, 'db' | 'access'>, member: Pick<Member, 'workspaceId' | 'userId'>, parentId: string, { name, key }: ParsedName, onConflict: 'fail' | 'rename' | 'replace'): Promise<void> {
  if (onConflict === 'rename') return
  const there = await queries.findNamed(db, member, parentId, key)
  if (!there) return
  const taken = nameTakenError(name)
  if (onConflict === 'fail' || there.kind === 'folder') throw taken
  await access.requireItem(member.userId, there.id, { action: 'change', workspaceId: member.workspaceId, kind: 'file' }).catch((error: unknown) => {
    // They may not even see it, so all that they can be told is that the name is in use.
    throw error instanceof AppError && error.status === 404
      ? taken
      : error
  })
}
