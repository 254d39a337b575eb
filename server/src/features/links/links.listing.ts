import type { Db } from '../../db/database.ts'
import type { Member } from '../access/access.service.ts'
import type { ItemPage } from '../items/items.service.ts'
import type { LinkRow } from './link-register.service.ts'
import type { LinkSort, LinkSortField, LinkState } from './links.policy.ts'
import type { Link, LinkListQuery } from './links.schemas.ts'
import type { SeenLinks } from './links.seen.ts'
import { decodeCursor, encodeCursor, wrongCursor } from '../../http/cursor.ts'
import { searchText, searchWords } from '../items/item-name.ts'
import { linkSubject } from './link-subject.ts'
import * as queries from './links.queries.ts'

/** Finding links. */
export interface LinksListing {
  /** Links whose items the member may see. A page may be short although more follow. */
  list: (member: Member, query: LinkListQuery) => Promise<ItemPage<Link>>
  /** Those of the links that the member may see, and what they are called now. */
  filterSeen: (member: Member, linkIds: readonly string[]) => Promise<{ id: string, name: string }[]>
}

/** Rows looked through for one page: a member who may see few of them gets a short page, not a slow one. */
const MAX_SCANNED = 500

export function createLinksListing({ db, seen, clock }: { db: Db, seen: SeenLinks, clock: () => Date }): LinksListing {
  /** Words as searches read them; undefined where nothing is looked for. */
  async function wordsOf(workspaceId: string, q: string | undefined): Promise<queries.LinkWord[] | undefined> {
    if (q === undefined) return undefined
    const creators = (await queries.listCreators(db, workspaceId)).map(({ id, name }) => ({
      id,
      text: searchText(name),
    }))
    return searchWords(q).map(word => ({
      word,
      creatorIds: creators.filter(({ text }) => text.includes(word)).map(({ id }) => id),
    }))
  }

  return {
    async filterSeen(member, linkIds) {
      if (linkIds.length === 0) return []
      return (await seen.seenBy(member, await queries.listLinksById(db, member.workspaceId, linkIds))).map(({ link, items }) => linkSubject(link, items))
    },

    async list(member, { limit = 50, cursor, itemId, q, sort = '-createdAt', state }) {
      const order = orderOf(sort)
      let after = decodePosition(cursor, sort)
      const words = await wordsOf(member.workspaceId, q)
      // Looked for, but nothing that could be in a name.
      if (words?.length === 0) return { items: [], nextCursor: null }
      const cursorAt = ({ value, id }: queries.LinkPosition) => encodeCursor([
        sort,
        value instanceof Date
          ? value.toISOString()
          : value,
        id,
      ])
      const shown: Link[] = []
      let lastShown: LinkRow | undefined
      for (let scanned = 0; scanned < MAX_SCANNED;) {
        const rows = await queries.listLinks(db, member.workspaceId, {
          itemId,
          words,
          state,
          now: clock(),
        }, order, { after, limit: limit + 1 })
        scanned += rows.length
        const visible = await seen.seenBy(member, rows)
        for (const [index, link] of (await seen.present(visible)).entries()) {
          if (!isOfState(link.state, state)) continue
          if (shown.length === limit) {
            return {
              items: shown,
              nextCursor: cursorAt(queries.positionOf(lastShown!, order)),
            }
          }
          shown.push(link)
          lastShown = visible[index]!.link
        }
        if (rows.length <= limit) return { items: shown, nextCursor: null }
        after = queries.positionOf(rows.at(-1)!, order)
      }
      return {
        items: shown,
        nextCursor: cursorAt(after!),
      }
    },
  }
}

const isOfState = (state: LinkState, wanted: LinkListQuery['state']) => wanted === undefined || (wanted === 'ended'
  ? state !== 'active'
  : state === wanted)

const orderOf = (sort: LinkSort): queries.LinkOrder => ({
  field: sort.replace('-', '') as LinkSortField,
  descending: sort.startsWith('-'),
})

/** @throws {AppError} `request.invalid` for a cursor of another order, or one that somebody made up */
function decodePosition(cursor: string | undefined, sort: LinkSort): queries.LinkPosition | undefined {
  const isTime = orderOf(sort).field.endsWith('At')
  const position = decodeCursor(cursor, [
    'string',
    isTime
      ? 'instantOrNull'
      : 'number',
    'id',
  ])
  if (!position) return undefined
  const [of, value, id] = position
  if (of !== sort) throw wrongCursor()
  return {
    value: typeof value === 'string'
      ? new Date(value)
      : value ?? null,
    id: String(id),
  }
}
