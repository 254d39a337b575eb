import type { Db } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import { createHash } from 'node:crypto'
import { notFound, unavailable } from '../../errors/common-errors.ts'
import { userChanged } from '../audit/audit.actions.ts'
import { squarePicture } from './picture-image.ts'
import { MAX_UNDER_WAY } from './pictures.policy.ts'
import * as queries from './pictures.queries.ts'

export interface PicturesService {
  /**
   * Of what `read` brings, which is asked only when there is room for it.
   * @throws {AppError} `picture.unreadable`, `picture.too_many_pixels`, `rate.limited`, `service.unavailable` while too many wait
   */
  set: (caller: Caller, signedIn: SignedIn, read: () => Promise<Buffer>) => Promise<{ picture: string }>
  /** Again: nothing. */
  remove: (caller: Caller, signedIn: SignedIn) => Promise<void>
  /** @throws {AppError} `not_found`, also for somebody whom one shares no workspace with */
  show: (signedIn: SignedIn, userId: string) => Promise<{ image: Buffer, version: string }>
}

/** Of one person: each is seconds of work. */
const SENT = { count: 20, windowSeconds: 3600 }

export function createPicturesService({ db, clock, audit, throttle }: { db: Db, clock: () => Date, audit: AuditLog, throttle: Pick<Throttle, 'limit'> }): PicturesService {
  let underWay = 0
  const changed = ({ userId, name }: SignedIn, picture: 'set' | 'removed') => userChanged({
    subject: { kind: 'user', id: userId, name },
    details: { picture },
  })
  return {
    async set(caller, signedIn, read) {
      if (underWay >= MAX_UNDER_WAY) throw unavailable('Many send pictures just now: try again in a moment')
      underWay++
      let image: Buffer
      try {
        await throttle.limit(`picture:subject:${signedIn.userId}`, SENT)
        image = await squarePicture(await read())
      }
      finally {
        underWay--
      }
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
