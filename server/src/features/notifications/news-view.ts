import type { AccessService, Member } from '../access/access.service.ts'
import type { Concerned } from '../audit/define-action.ts'
import type { LinksService } from '../links/links.service.ts'
import type { ListedLine, ToldNews } from './notifications.queries.ts'
import type { Notification } from './notifications.schemas.ts'
import { mayInWorkspace } from '../access/access.policy.ts'
import { ruleOf } from './notification-rules.ts'

/** `lacksFactor`: an operator who may do nothing as one until they have set up a second factor. */
export interface NewsReader { userId: string, isOperator: boolean, lacksFactor?: boolean }

/** Who looks, and what of all that lines tell of they may see now. */
interface Viewer {
  reader: NewsReader
  seats: ReadonlyMap<string, Member>
  /** Files, folders and links, with their names of now. */
  seen: ReadonlyMap<string, string>
}

/** What news says to a person now. */
export interface NewsView {
  /** In the order of the lines; undefined where there is nothing in one that they may see. */
  present: (reader: NewsReader, lines: readonly ListedLine[]) => Promise<(Notification | undefined)[]>
}

export function createNewsView({ access, links }: { access: AccessService, links: Pick<LinksService, 'filterSeen'> }): NewsView {
  async function look(reader: NewsReader, lines: readonly ListedLine[]): Promise<Viewer> {
    const seats = new Map((await access.seatsOf(reader.userId)).map(seat => [seat.workspaceId, seat]))
    const subjects = (...kinds: string[]) => [
      ...new Set(lines.flatMap(({ events }) => events.flatMap(({ subjectKind, subjectId }) => subjectId !== null && kinds.includes(subjectKind)
        ? subjectId
        : []))),
    ]
    const items = await access.filterItems(reader.userId, [
      ...new Set([
        ...subjects('file', 'folder'),
        ...lines.flatMap(({ line }) => line.placeId ?? []),
      ]),
    ], { action: 'see', trashed: true })
    const linkIds = subjects('link')
    const seenLinks = linkIds.length === 0
      ? []
      : (await Promise.all([
          ...seats.values(),
        ].filter(({ role }) => mayInWorkspace(role, 'links.see')).map(seat => links.filterSeen(seat, linkIds)))).flat()
    return {
      reader,
      seats,
      seen: new Map([
        ...items,
        ...seenLinks,
      ].map(({ id, name }) => [id, name])),
    }
  }

  return {
    async present(reader, lines) {
      const viewer = await look(reader, lines)
      return lines.map(line => present(line, viewer))
    },
  }
}

/** Whom an event is about. */
export const personOf = (subject: { kind: string, id: string | null }, details: Record<string, unknown>): string | null =>
  typeof details.userId === 'string'
    ? details.userId
    : subject.kind === 'user'
      ? subject.id
      : null

/** Whether an event is still for somebody: the same question as when it was told (`queries.tell`), asked again. */
const stillConcerns: Record<Concerned, (viewer: Viewer, line: ListedLine['line'], event: ToldNews) => boolean> = {
  readers: ({ seen }, _line, { subjectId }) => seen.has(subjectId ?? ''),
  uploader: ({ seen }, _line, { subjectId }) => seen.has(subjectId ?? ''),
  sharer: ({ seen }, _line, { subjectId }) => seen.has(subjectId ?? ''),
  admins: ({ seats }, { workspaceId }) => {
    const seat = seats.get(workspaceId ?? '')
    return seat !== undefined && mayInWorkspace(seat.role, 'members.manage')
  },
  // Of the deployment's policies, whoever works or is a client in any workspace.
  seats: ({ seats }, { workspaceId }) => workspaceId === null
    ? seats.size > 0
    : seats.has(workspaceId),
  // Nobody who has one by now.
  asked: ({ seats }, { workspaceId }) => Boolean(seats.get(workspaceId ?? '')?.shutsAt),
  operators: ({ reader }) => reader.isOperator && !reader.lacksFactor,
  person: ({ reader }, _line, { subjectKind, subjectId, details }) => personOf({ kind: subjectKind, id: subjectId }, details) === reader.userId,
}

/** Undefined when there is nothing in it that the person may see. */
function present({ lineId, at, count, readAt, line, workspace, events }: ListedLine, viewer: Viewer): Notification | undefined {
  const seen = events.filter(event => ruleOf(line.type).concerns.some(audience => stillConcerns[audience](viewer, line, event)))
  const [newest] = seen
  if (!newest) return undefined
  const { subjectKind, subjectId, subjectName, details } = newest
  const { placeId, placeName } = line
  return {
    id: lineId,
    type: line.type,
    at: at.toISOString(),
    isRead: readAt !== null,
    count: seen.length < events.length
      ? Math.min(count, seen.length)
      : count,
    workspace,
    actor: { kind: line.actorKind, id: line.actorId, name: line.actorName },
    subject: {
      kind: subjectKind as Notification['subject']['kind'],
      id: subjectId,
      // A link is called by what it leads to, which may have changed.
      name: subjectKind === 'link'
        ? viewer.seen.get(subjectId ?? '') ?? subjectName
        : subjectName,
    },
    place: placeId !== null && placeName !== null && viewer.seen.has(placeId)
      ? { id: placeId, name: placeName }
      : null,
    details,
  }
}
