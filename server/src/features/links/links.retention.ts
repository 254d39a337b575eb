import type { AuditLog } from '../audit/audit.service.ts'
import { systemCaller } from '../../http/caller.ts'
import { publishLive } from '../../live/live-bus.ts'
import { defineRetention } from '../../retention/define-retention.ts'
import { linkPurged } from '../audit/audit.actions.ts'
import { linkSubject } from './link-subject.ts'
import { deleteLinks, holdEndedLinks, listLinkNames } from './links-retention.queries.ts'

const AT_ONCE = 200

/** Whoever has its address finds nothing at all then, not that it has ended. */
export const endedLinks = defineRetention<{ audit: AuditLog }>({
  name: 'links',
  tables: ['links', 'link_items'],
  days: {
    default: null,
    minimum: 1,
    maximum: 3650,
    mayBeForEver: true,
  },
  what: {
    en: 'Secure links that have expired or were revoked',
    de: 'Abgelaufene oder widerrufene Links',
    fr: 'Liens sécurisés expirés ou révoqués',
    es: 'Enlaces seguros caducados o revocados',
  },
  since: {
    en: 'the end of the link',
    de: 'Ende des Links',
    fr: 'la fin du lien',
    es: 'el fin del enlace',
  },
  async purge(tx, { before }, { audit }) {
    const ended = await holdEndedLinks(tx, before, AT_ONCE)
    if (ended.length === 0) return false
    const ids = ended.map(({ id }) => id)
    const names = Map.groupBy(await listLinkNames(tx, ids), ({ linkId }) => linkId)
    await deleteLinks(tx, ids)
    for (const workspaceId of new Set(ended.map(link => link.workspaceId))) await publishLive(tx, { topic: 'links', workspaceId })
    await audit.record(tx, systemCaller, ...ended.map(({ workspaceId, openCount, downloadCount, ...link }) => linkPurged({
      workspaceId,
      subject: linkSubject(link, names.get(link.id) ?? []),
      details: { openCount, downloadCount },
    })))
    return ended.length === AT_ONCE
  },
})
