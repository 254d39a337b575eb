import type { Db } from '../../db/database.ts'
import type { AccessService, Member } from '../access/access.service.ts'
import type { LinkItemRow, LinkRegister, LinkRow } from './link-register.service.ts'
import type { Link } from './links.schemas.ts'
import { unseal } from '../../crypto/secrets.ts'
import { revisionTag } from '../../http/etag.ts'
import { mayInWorkspace } from '../access/access.policy.ts'
import { linkSubject } from './link-subject.ts'
import * as queries from './links.queries.ts'

/** A link as one member may see it. */
export interface SeenLink { link: LinkRow, items: LinkItemRow[], mayShare: boolean }

/** What the parts of the service share: which links somebody may see, and as what. */
export interface SeenLinks {
  /** Those of the links that the member may see: all their items, in the trash or not. What has none left is its creator's and the admins'. */
  seenBy: (member: Member, rows: readonly LinkRow[]) => Promise<SeenLink[]>
  present: (seen: readonly SeenLink[]) => Promise<Link[]>
}

export interface SeenLinksDeps {
  db: Db
  access: AccessService
  register: LinkRegister
  publicUrl: string
  /** Encrypts the tokens, so that staff can copy an address again. */
  tokenKey: Buffer
}

export function createSeenLinks({ db, access, register, publicUrl, tokenKey }: SeenLinksDeps): SeenLinks {
  /** Null when the instance key is another than when the link was made: the link still works, only nobody can copy it again. */
  function addressOf(link: LinkRow): string | null {
    try {
      return `${publicUrl}/s/${unseal(tokenKey, link.tokenCiphertext)}`
    }
    catch {
      return null
    }
  }

  return {
    async seenBy({ userId, workspaceId, role }, rows) {
      const byLink = Map.groupBy(await queries.listLinkItems(db, workspaceId, rows.map(row => row.id)), item => item.linkId)
      const ids = [
        ...new Set([
          ...byLink.values(),
        ].flat().map(item => item.id)),
      ]
      const seen = new Map((await access.filterItems(userId, ids, { action: 'see', workspaceId, trashed: true })).map(item => [item.id, item]))
      return rows.flatMap((link) => {
        const items = byLink.get(link.id) ?? []
        if (items.length === 0) {
          return link.createdBy === userId || mayInWorkspace(role, 'workspace.change')
            ? [
                { link, items, mayShare: true },
              ]
            : []
        }
        return items.every(item => seen.has(item.id))
          ? [
              {
                link,
                items,
                mayShare: items.every(item => seen.get(item.id)!.permissions.includes('share')),
              },
            ]
          : []
      })
    },

    async present(seen) {
      const states = await register.statesOf(seen.map(({ link }) => link), new Map(seen.map(({ link, items }) => [link.id, items])))
      return seen.map(({ link, items, mayShare }) => ({
        id: link.id,
        name: linkSubject(link, items).name,
        url: mayShare
          ? addressOf(link)
          : null,
        title: link.title,
        message: link.message,
        items: items.map(({ id, kind, name, parentId, alive }) => ({
          id,
          kind,
          name,
          parentId,
          isTrashed: !alive,
        })),
        hasPassword: link.passwordHash !== null,
        expiresAt: link.expiresAt?.toISOString() ?? null,
        maxDownloads: link.maxDownloads,
        downloadCount: link.downloadCount,
        openCount: link.openCount,
        lastOpenedAt: link.lastOpenedAt?.toISOString() ?? null,
        state: states.get(link.id)!,
        mayChange: mayShare,
        createdBy: { id: link.createdBy, name: link.creatorName },
        createdAt: link.createdAt.toISOString(),
        updatedAt: link.updatedAt.toISOString(),
        etag: revisionTag(link.revision),
      }))
    },
  }
}
