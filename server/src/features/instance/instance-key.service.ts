import type { Db, Tx } from '../../db/database.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Sealed, SealedKind } from './instance-key.queries.ts'
import { seal, unseal } from '../../crypto/secrets.ts'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { ExitError } from '../../errors/exit-error.ts'
import { systemCaller } from '../../http/caller.ts'
import { deriveKey } from '../../http/tokens.ts'
import { instanceKeyRotated } from '../audit/audit.actions.ts'
import { endSessions } from '../users/accounts.service.ts'
import * as queries from './instance-key.queries.ts'
import { lockInstance } from './instance.queries.ts'

/** Of links that are read at once. */
const BATCH = 1000
/** How rotate-key ends while servers run. */
export const EXIT_SERVING = 3

export interface KeyRotation { links: number, already: number, endedSessions: number }

/** A key encrypts the addresses of links, the secrets of mails, of authenticator apps and of sign-in providers (AES-256-GCM); what else it signs or hides lives for a day at most, or ends with the sessions. */
export const linkKeyOf = (secretKey: string) => deriveKey(secretKey, 'link-token')
export const mailKeyOf = (secretKey: string) => deriveKey(secretKey, 'mail-secret')
export const oidcKeyOf = (secretKey: string) => deriveKey(secretKey, 'oidc-secret')
export const totpKeyOf = (secretKey: string) => deriveKey(secretKey, 'totp-secret')

/**
 * Encrypts with the key `to` what was encrypted with `from`, ends every session and forgets the answers kept for repeats, in one transaction, while
 * nothing serves. Once more does no harm: what `to` opens already stays as it is.
 * @throws {ExitError} while a server runs, and when an address opens with neither key; nothing has changed then
 */
export function rotateInstanceKey({ db, clock, audit, from, to }: { db: Db, clock: () => Date, audit: AuditLog, from: string, to: string }): Promise<KeyRotation> {
  return db.transaction(async (tx) => {
    if (!await queries.tryLock(tx, advisoryLocks.serving)) throw new ExitError('Servers are running, and would go on with the old key. Stop all of them and run the same again.', EXIT_SERVING)
    const { unreadable, ...rotation } = await encryptAgain(tx, { from, to })
    if (unreadable !== undefined) throw new ExitError(`The address of link ${unreadable} opens with neither key: this is not the key that was used before. Nothing was changed.`, 1)
    const now = clock()
    const endedSessions = await endSessions(tx, now)
    const { name } = await lockInstance(tx, now)
    await audit.record(tx, systemCaller, instanceKeyRotated({
      subject: { kind: 'instance', id: null, name },
      details: { links: rotation.links, endedSessions },
    }))
    return { ...rotation, endedSessions }
  })
}

/**
 * Encrypts with the key `to` what was encrypted with `from`, and forgets the answers kept for repeats, which are encrypted too.
 * @returns also the first link whose address opens with neither key: it stays as it is
 */
export async function encryptAgain(tx: Tx, { from, to }: { from: string, to: string }): Promise<Omit<KeyRotation, 'endedSessions'> & { unreadable: string | undefined }> {
  const { changed, already, unreadable } = await encryptKindAgain(tx, 'links', {
    before: linkKeyOf(from),
    after: linkKeyOf(to),
  })
  // A mail whose secret opens with neither says so when it is to be sent.
  await encryptKindAgain(tx, 'mails', {
    before: mailKeyOf(from),
    after: mailKeyOf(to),
  })
  // An app whose secret opens with neither signs nobody in: recovery codes do, or an operator takes it away.
  await encryptKindAgain(tx, 'totpFactors', {
    before: totpKeyOf(from),
    after: totpKeyOf(to),
  })
  // A provider whose secret opens with neither signs nobody in, until an operator types it again.
  await encryptKindAgain(tx, 'oidcProviders', {
    before: oidcKeyOf(from),
    after: oidcKeyOf(to),
  })
  await queries.forgetAnswers(tx)
  return { links: changed, already, unreadable }
}

async function encryptKindAgain(tx: Tx, kind: SealedKind, { before, after }: { before: Buffer, after: Buffer }): Promise<{ changed: number, already: number, unreadable: string | undefined }> {
  const counts = { changed: 0, already: 0 }
  let unreadable: string | undefined
  for (let last: string | undefined; ;) {
    const sealed = await queries.listSealed(tx, kind, last, BATCH)
    if (sealed.length === 0) break
    last = sealed.at(-1)!.id
    const changed: Sealed[] = []
    for (const { id, ciphertext } of sealed) {
      const text = openedBy(before, ciphertext)
      if (text !== undefined) {
        changed.push({
          id,
          ciphertext: seal(after, text),
        })
      }
      else if (openedBy(after, ciphertext) === undefined) {
        unreadable ??= id
      }
      else {
        counts.already++
      }
    }
    if (changed.length > 0) await queries.changeSealed(tx, kind, changed)
    counts.changed += changed.length
  }
  return { ...counts, unreadable }
}

function openedBy(key: Buffer, sealed: Buffer): string | undefined {
  try {
    return unseal(key, sealed)
  }
  catch {
    return undefined
  }
}
