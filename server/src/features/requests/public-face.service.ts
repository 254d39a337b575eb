import type { Config } from '../../config/config.ts'
import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { PublicFace, PublicFaceInput } from './public-face.schemas.ts'
import { requestInvalid } from '../../errors/common-errors.ts'
import { instanceFaceChanged } from '../audit/audit.actions.ts'
import * as queries from './public-face.queries.ts'

/** To the web, to a mailbox, or within this deployment. */
const LEADS = /^(?:https?:\/\/\S+|mailto:\S+|\/(?![/\\])\S*)$/

/** What people without a session see of the deployment at `/`. */
export interface PublicFaceService {
  get: () => Promise<PublicFace>
  set: (caller: Caller, face: PublicFaceInput) => Promise<PublicFace>
}

export function createPublicFace({ db, audit, instance, config, clock }: {
  db: Db
  audit: AuditLog
  instance: Pick<InstanceService, 'settings'>
  config: Pick<Config, 'deployment'>
  clock: () => Date
}): PublicFaceService {
  const shown = ({ home, texts, links }: PublicFaceInput): PublicFace => ({
    home,
    texts,
    links,
    hasHome: home === 'auto'
      ? config.deployment === 'hosted'
      : home === 'shown',
  })

  return {
    get: async () => shown(await queries.findFace(db) ?? { home: 'auto', texts: {}, links: [] }),

    async set(caller, face) {
      const wrong = face.links.findIndex(({ url }) => !LEADS.test(url))
      if (wrong !== -1) {
        throw requestInvalid({
          detail: 'The address of a link begins with https://, http://, mailto: or /',
          fields: [
            { pointer: `/links/${wrong}/url`, detail: 'begins with https://, http://, mailto: or /' },
          ],
        })
      }
      const { name } = await instance.settings()
      await db.transaction(async (tx) => {
        await queries.putFace(tx, {
          ...face,
          updatedAt: clock(),
        })
        await audit.record(tx, caller, instanceFaceChanged({
          subject: { kind: 'instance', id: null, name },
          details: { home: face.home },
        }))
      })
      return shown(face)
    },
  }
}
