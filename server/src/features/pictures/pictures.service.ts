import type { Db } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import { createHash } from 'node:crypto'
import { notFound } from '../../errors/common-errors.ts'
import { userChanged } from '../audit/audit.actions.ts'
import { squarePicture } from './picture-image.ts'
import * as queries from './pictures.queries.ts'

export interface PicturesService {
  /** @throws {AppError} `picture.unreadable`, `picture.too_many_pixels` */
  set: (caller: Caller, signedIn: SignedIn, sent: Buffer) => Promise<{ picture: string }>
  /** Again: nothing. */
  remove: (caller: Caller, signedIn: SignedIn) => Promise<void>
  /** @throws {AppError} `not_found`, also for somebody whom one shares no workspace with */
  show: (signedIn: SignedIn, userId: string) => Promise<{ image: Buffer, version: string }>
}

export function createPicturesService({ db, clock, audit }: { db: Db, clock: () => Date, audit: AuditLog }): PicturesService {
  const changed = ({ userId, name }: SignedIn, picture: 'set' | 'removed') => userChanged({
    subject: { kind: 'user', id: userId, name },
    details: { picture },
  })
  return {
    async set(caller, signedIn, sent) {
      const image = await squarePicture(sent)
      const version = createHash('sha256').update(image).digest('hex').slice(0, 16)
      await db.transaction(async (tx) => {
        await queries.replacePicture(tx, signedIn.userId, {
          image,
          version,
          createdAt: clock(),
        })
        await audit.record(tx, caller, changed(signedIn, 'set'))
      })
      return { picture: version }
    },

    async remove(caller, signedIn) {
      await db.transaction(async (tx) => {
        if (await queries.deletePicture(tx, signedIn.userId)) await audit.record(tx, caller, changed(signedIn, 'removed'))
      })
    },

    async show({ userId: viewerId }, userId) {
      const picture = await queries.findPictureFor(db, viewerId, userId)
      if (!picture) throw notFound('There is no such picture')
      return picture
    },
  }
}
