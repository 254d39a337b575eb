import type { Db } from '../../db/database.ts'
import type { AccessService, Member } from '../access/access.service.ts'
import type { ItemPage } from '../items/items.service.ts'
import type { LinksService } from '../links/links.service.ts'
import type { ToldRow } from './audit-told.queries.ts'
import type { ActivityEvent } from './audit.schemas.ts'
import { decodeCursor, encodeCursor } from '../../http/cursor.ts'
import { mayInWorkspace } from '../access/access.policy.ts'
import { listEventsAbout } from './activity.queries.ts'
import { BY_TOKEN } from './define-action.ts'

interface ActivityPage { limit?: number, cursor?: string }

/**
 * What files, folders and links tell the staff of themselves, newest first. Of each event those who may not see the whole log learn neither address nor device, and no name of what
 * they may not see; what came into a folder and they may not see is left out, so a page may be short although more follow.
 */
export interface ActivityService {
  /** What was done to it, the links and archives that name it, and of a folder what came into it. @throws {AppError} `not_found`, also for who may not see links */
  ofItem: (userId: string, itemId: string, page: ActivityPage) => Promise<ItemPage<ActivityEvent>>
  /** @throws {AppError} `not_found` */
  ofLink: (member: Member, linkId: string, page: ActivityPage) => Promise<ItemPage<ActivityEvent>>
}

/** Details that name a file or folder, and the one that has its id. */
const namedBy = {
  fromId: 'from',
  toId: 'to',
  parentId: 'parentName',
} as const

interface NamedItem { id: string }

export function createActivityService({ db, access, links }: { db: Db, access: AccessService, links: Pick<LinksService, 'get' | 'filterSeen'> }): ActivityService {
  async function list(member: Member, id: string, { limit = 50, cursor }: ActivityPage): Promise<ItemPage<ActivityEvent>> {
    const [before] = (decodeCursor(cursor, ['number']) ?? []) as [number?]
    const rows = await listEventsAbout(db, member.workspaceId, id, { before, limit: limit + 1 })
    const page = rows.slice(0, limit)
    return {
      items: mayInWorkspace(member.role, 'audit.see')
        ? page.map(row => present(row, []))
        : await tellStaff(member, id, page),
      nextCursor: rows.length > limit
        ? encodeCursor([page.at(-1)!.seq])
        : null,
    }
  }

  async function tellStaff(member: Member, id: string, rows: readonly ToldRow[]): Promise<ActivityEvent[]> {
    const named = [
      ...new Set(rows.flatMap(itemsNamedIn)),
    ]
    const seenLinks = new Map((await links.filterSeen(member, [
      ...new Set(rows.flatMap(({ subject }) => subject.kind === 'link'
        ? subject.id ?? []
        : [])),
    ])).map(({ id, name }) => [id, name]))
    const seen = new Set([
      ...(await access.filterItems(member.userId, named, {
        action: 'see',
        workspaceId: member.workspaceId,
        trashed: true,
      })).map(item => item.id),
      ...seenLinks.keys(),
      // It was asked for, and may be seen.
      id,
    ])
    return rows
      .filter(({ subject }) => !isItem(subject) || seen.has(subject.id))
      .map(row => withoutNames(row, seen, seenLinks))
  }

  return {
    async ofItem(userId, itemId, page) {
      const { workspaceId } = await access.requireItem(userId, itemId, { action: 'see' })
      // To a client's people it would tell of links, and of what others take.
      return list(await access.requireMember(userId, workspaceId, 'links.see'), itemId, page)
    },

    async ofLink(member, linkId, page) {
      await links.get(member, linkId)
      return list(member, linkId, page)
    },
  }
}

const isItem = (subject: ToldRow['subject']): subject is ToldRow['subject'] & { id: string } => subject.id !== null && (subject.kind === 'file' || subject.kind === 'folder')

const itemsOf = ({ items }: ToldRow['details']) => (items ?? []) as NamedItem[]

function itemsNamedIn({ subject, details }: ToldRow): string[] {
  return [
    ...isItem(subject)
      ? [subject.id]
      : [],
    ...itemsOf(details).map(({ id }) => id),
    ...Object.keys(namedBy).flatMap(name => (details[name] as string | null | undefined) ?? []),
  ]
}

/**
 * The event without the names of what is not among `seen`, and without where its origin was and which of somebody's tokens it was by. A link is called as it is now, and an archive only by what may be seen:
 * either may have had its name from something else in it.
 */
function withoutNames(row: ToldRow, seen: ReadonlySet<string>, seenLinks: ReadonlyMap<string, string>): ActivityEvent {
  const isHidden = (id: unknown) => typeof id === 'string' && !seen.has(id)
  const hidden = new Set<string>()
  for (const [id, name] of Object.entries(namedBy)) {
    if (isHidden(row.details[id])) hidden.add(id).add(name)
  }
  const items = itemsOf(row.details).filter(({ id }) => !isHidden(id))
  const { subject } = row
  const isLinkHidden = subject.kind === 'link' && isHidden(subject.id)
  if (isLinkHidden) hidden.add('title')
  const isNameHidden = isLinkHidden || (subject.kind === 'workspace' && items.length !== row.details.itemCount)
  const details = Object.fromEntries(Object.entries(row.details).filter(([name]) => name !== BY_TOKEN && !hidden.has(name)))
  const isLess = isNameHidden || hidden.size > 0 || items.length < itemsOf(row.details).length
  return present({
    ...row,
    subject: {
      ...subject,
      id: isLinkHidden
        ? null
        : subject.id,
      name: isNameHidden
        ? ''
        : seenLinks.get(subject.id ?? '') ?? subject.name,
    },
    origin: { ...row.origin, ip: null, userAgent: null },
    details: 'items' in details
      ? { ...details, items }
      : details,
  }, isLess
    ? ['origin', 'names']
    : ['origin'])
}

const present = ({ seq, at, action, outcome, actor, subject, origin, details, erased }: ToldRow, withheld: ActivityEvent['withheld']): ActivityEvent => ({
  seq,
  at: at.toISOString(),
  action,
  outcome,
  actor,
  subject,
  origin,
  details,
  erased,
  withheld,
})
