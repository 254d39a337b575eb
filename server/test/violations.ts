import type { Db } from '../src/db/database.ts'
import type { Storage } from '../src/storage/storage.ts'
import { randomUUID } from 'node:crypto'
import { createAuditLog } from '../src/features/audit/audit.service.ts'
import { createIdentityService } from '../src/features/identity/identity.service.ts'
import { createVerification } from '../src/features/verify/verify.service.ts'

export interface ViolationsOptions {
  /** Nothing is on its way: no upload may be open, nothing staged, nothing reserved. */
  idle?: boolean
  /** The rows are the factories': they count no usage (I3) and leave no events (I4). */
  byHand?: boolean
  /** Bytes that were read after this moment are not read again: for checks that follow one another. */
  unreadSince?: Date
}

/** Whether all holds that `verify` proves of a deployment and each of its bytes, and nothing else is in the store. @returns what is wrong, one line each; empty when all holds */
export async function findViolations({ db, storage }: { db: Db, storage: Storage }, { idle = true, byHand = false, unreadSince }: ViolationsOptions = {}): Promise<string[]> {
  const clock = () => new Date()
  const found: string[] = []
  await createVerification({
    db,
    storage,
    clock,
    audit: createAuditLog({ db, clock }),
    identity: createIdentityService({
      db,
      storage,
      clock,
      newId: randomUUID,
    }),
    // Whoever looks repairs nothing, now or later.
    jobs: {
      send: async () => {},
    },
    log: {
      info: () => {},
      error: () => {},
    },
  }).run({
    signal: new AbortController().signal,
    // All, but what is known to be damaged stays so.
    bytes: unreadSince
      ? { since: unreadSince }
      : { share: 1 },
    idle,
    exact: true,
    onWrong: ({ id, says }) => found.push(`${id}: ${says}`),
  })
  return byHand
    ? found.filter(line => !/^I[34]:/.test(line))
    : found
}
