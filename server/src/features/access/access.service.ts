import type { Db, Executor } from '../../db/database.ts'
import type { SignedIn } from '../../http/caller.ts'
import type { ItemAction, SpaceRole, WorkspaceAction, WorkspaceRole } from './access.policy.ts'
import type { ItemRow, Member, PathStep, PlacedItem } from './access.queries.ts'
import { inGroups } from '../../db/in-groups.ts'
import { AppError } from '../../errors/app-error.ts'
import { accessDenied, notFound, unauthenticated } from '../../errors/common-errors.ts'
import { secondFactorRequired, stepUpRequired } from '../auth/auth.errors.ts'
import { effectiveSpaceRoles, itemActions, mayInWorkspace, mayOnItem, scopeOf } from './access.policy.ts'
import * as queries from './access.queries.ts'

export type { Member } from './access.queries.ts'

/** A seat as it is at a moment: shut to somebody who had to have a second factor by then. */
export interface Seat extends Member { isShut: boolean }
export interface Authenticated { signedIn: SignedIn, member: Seat | null }

/** An item together with where it stands and what one person may do with it. */
export interface AccessibleItem extends ItemRow {
  /** From the space's root folder down to the item itself. */
  path: PathStep[]
  /** Where in `path` begins what the person may see; -1: nowhere. */
  seenFrom: number
  roles: readonly SpaceRole[]
  permissions: ItemAction[]
  /** In the item's workspace. */
  memberRole: WorkspaceRole
}

export interface ItemRequirement {
  action: ItemAction
  /** 404 when the item is of another workspace. */
  workspaceId?: string
  kind?: 'folder' | 'file'
  /** Items in the trash, or below something in it, are not found unless this says so. */
  trashed?: boolean
  /** What goes on by the right of somebody who does nothing here, as links do, does not end because they have to set a second factor up. */
  isAbsent?: boolean
}

/** What one member may do in a workspace, read once and asked for every row of a list. */
export interface Standing {
  memberRole: WorkspaceRole
  /** @param path ids from the space's root folder down to the item itself */
  permissionsAt: (path: readonly string[], item: { kind: 'folder' | 'file', createdBy: string | null }) => ItemAction[]
  /** Where an action is allowed, the folders named and everything below them. */
  reach: (action: ItemAction) => Reach
}

export interface Reach {
  /** In the whole workspace; the folders then do not matter. */
  everywhere: boolean
  /** Below these on everything, */
  all: string[]
  /** below these on the person's own; to see: on folders too. */
  own: string[]
}

export interface AccessService {
  /**
   * The person behind a session, and their seat in a workspace, null without one: for `requireSeat`.
   * @throws {AppError} `auth.unauthenticated` when the session ended or the person was disabled
   */
  authenticate: (session: { userId: string, sessionId: string }, workspaceId?: string | null) => Promise<Authenticated>
  /** @throws {AppError} `auth.step_up_required` for a session that has not shown lately what a sign-in asks for */
  requireStepUp: (signedIn: SignedIn) => void
  /** @throws {AppError} `not_found` for somebody who is no member, `access.denied` for a member whose role does not allow it */
  requireMember: (userId: string, workspaceId: string, action: WorkspaceAction, db?: Executor) => Promise<Seat>
  /** A seat as it is now. */
  seatNow: (member: Member) => Seat
  /** Every seat of a person, also as a client's contact; none of somebody who is disabled, nor of a workspace that is shut to them. */
  seatsOf: (userId: string) => Promise<Seat[]>
  /** Like `requireItems` for one item. */
  requireItem: (userId: string, itemId: string, requirement: ItemRequirement, db?: Executor) => Promise<AccessibleItem>
  /**
   * The one resolver of item access, for every route, link and token.
   * @throws {AppError} `not_found` when any of them does not exist, is of another tenant, lies in the trash or may not be seen;
   * `access.denied` when it may be seen but not this
   */
  requireItems: (userId: string, itemIds: readonly string[], requirement: ItemRequirement, db?: Executor) => Promise<AccessibleItem[]>
  /** Those of the items that `requireItems` would let pass, in their order. */
  filterItems: (userId: string, itemIds: readonly string[], requirement: ItemRequirement, db?: Executor) => Promise<AccessibleItem[]>
  /** For lists and searches, which ask about many items at once. @throws {AppError} `not_found` for somebody who is no member */
  standingOf: (userId: string, workspaceId: string, db?: Executor) => Promise<Standing>
}

/** @throws {AppError} `not_found` for somebody who is no member, `auth.second_factor_required`, `access.denied` for a member whose role does not allow it */
export function requireSeat(member: Seat | null | undefined, action: WorkspaceAction): Seat {
  if (!member || !mayInWorkspace(member.role, 'workspace.see')) throw notFound('There is no such workspace')
  if (member.isShut) throw factorMissing()
  if (!mayInWorkspace(member.role, action)) throw accessDenied('Your role in this workspace does not allow this')
  return member
}

/** The portal is for a client's people: whoever else asks learns of none. @throws {AppError} `not_found`, `auth.second_factor_required` */
export function requirePortalSeat(member: Seat | null | undefined): Seat {
  if (member?.role !== 'client') throw notFound('There is no such portal')
  if (member.isShut) throw factorMissing()
  return member
}

/** What one person may do with something directly in a folder: roles are granted on folders, so they are those that the folder has. */
export function permissionsIn(folder: Pick<AccessibleItem, 'roles'>, item: { kind: 'folder' | 'file', own: boolean }): ItemAction[] {
  return itemActions.filter(action => mayOnItem(folder.roles, action, item))
}

/** A sign-in counts for it too. */
const STEP_UP_MS = 5 * 60_000

/** 404 and 403 must not differ between "not there" and "not yours": only what may be seen can be denied. */
export function createAccessService({ db: pool, clock }: { db: Db, clock: () => Date }): AccessService {
  // Who sends much at once has the same asked for each: what comes while one query is under way shares the next. Never an older one, so
  // what was withdrawn before a request came is not there for it.
  const findSignedIn = inGroups<{ session: { userId: string, sessionId: string }, workspaceId: string | null }, queries.SeatedPerson | undefined>(async (_key, inputs) => {
    const { session, workspaceId } = inputs[0]!
    const found = await queries.findSignedIn(pool, session, workspaceId, clock())
    return inputs.map(() => found)
  })
  const findPlacedItem = inGroups<string, PlacedItem | undefined>(async (userId, itemIds) => {
    const found = await queries.listPlacedItems(pool, userId, [
      ...new Set(itemIds),
    ])
    return itemIds.map(itemId => found.find(({ id }) => id === itemId))
  })

  const isPast = (at: Date | string | null) => at !== null && new Date(at) <= clock()
  const seatNow = (member: Member): Seat => ({
    ...member,
    isShut: isPast(member.shutsAt),
  })

  /** Each item, or why not. */
  async function resolveItems(userId: string, itemIds: readonly string[], requirement: ItemRequirement, db: Executor): Promise<(AccessibleItem | AppError)[]> {
    const found = db === pool && itemIds.length === 1
      ? [await findPlacedItem(userId, itemIds[0]!)]
      : await queries.listPlacedItems(db, userId, itemIds)
    const byId = new Map(found.map(item => [item?.id, item]))
    return itemIds.map(itemId => resolve(userId, byId.get(itemId), requirement))
  }

  function resolve(userId: string, item: PlacedItem | undefined, requirement: ItemRequirement): AccessibleItem | AppError {
    if (!item?.place.member || item.place.purged) return itemNotFound()
    const { place: { member, path }, ...row } = item
    const memberRole = member.role
    const rolesUpTo = (depth: number) => effectiveSpaceRoles(memberRole, path.slice(0, depth + 1).flatMap(step => step.role ?? []))
    if (requirement.workspaceId !== undefined && row.workspaceId !== requirement.workspaceId) return itemNotFound()
    if (requirement.kind !== undefined && row.kind !== requirement.kind) return itemNotFound()
    if (!requirement.trashed && path.some(step => step.trashed)) return itemNotFound()

    const roles = rolesUpTo(path.length)
    const standing = { kind: row.kind, own: row.createdBy === userId }
    if (!mayOnItem(roles, 'see', standing)) return itemNotFound()
    if (!requirement.isAbsent && isPast(member.shutsAt)) return factorMissing()
    if (!mayOnItem(roles, requirement.action, standing)) return accessDenied(`Your role does not let you ${actionWords[requirement.action]} here`)
    return {
      ...row,
      path,
      seenFrom: path.findIndex((_, depth) => mayOnItem(rolesUpTo(depth), 'see', { kind: 'folder', own: false })),
      roles,
      permissions: permissionsIn({ roles }, standing),
      memberRole,
    }
  }

  async function requireItems(userId: string, itemIds: readonly string[], requirement: ItemRequirement, db: Executor = pool): Promise<AccessibleItem[]> {
    return (await resolveItems(userId, itemIds, requirement, db)).map((item) => {
      if (item instanceof AppError) throw item
      return item
    })
  }

  async function standingOf(userId: string, workspaceId: string, db: Executor = pool): Promise<Standing> {
    const standing = await queries.findStanding(db, workspaceId, userId)
    if (!standing) throw itemNotFound()
    if (isPast(standing.shutsAt)) throw factorMissing()
    return createStanding(standing.role, userId, standing.granted)
  }

  return {
    async authenticate(session, workspaceId = null) {
      const found = await findSignedIn(`${session.userId} ${session.sessionId} ${workspaceId}`, { session, workspaceId })
      if (!found) throw unauthenticated('The session has ended')
      return { signedIn: found.signedIn, member: found.member && seatNow(found.member) }
    },

    requireStepUp({ steppedUpAt }) {
      if (steppedUpAt && clock().getTime() - steppedUpAt.getTime() < STEP_UP_MS) return
      throw stepUpRequired('Call POST /me/step-up, and then this once more')
    },

    async requireMember(userId, workspaceId, action, db = pool) {
      const member = await queries.findMember(db, workspaceId, userId)
      return requireSeat(member && seatNow(member), action)
    },

    seatNow,
    seatsOf: async userId => (await queries.listSeats(pool, userId)).map(seatNow).filter(({ isShut }) => !isShut),

    requireItems,
    async filterItems(userId, itemIds, requirement, db = pool) {
      return (await resolveItems(userId, itemIds, requirement, db)).filter((item): item is AccessibleItem => !(item instanceof AppError))
    },
    standingOf,
    async requireItem(userId, itemId, requirement, db) {
      const [item] = await requireItems(userId, [itemId], requirement, db)
      return item!
    },
  }
}

function createStanding(role: WorkspaceRole, userId: string, granted: readonly { folderId: string, role: SpaceRole }[]): Standing {
  return {
    memberRole: role,
    permissionsAt(path, { kind, createdBy }) {
      const roles = effectiveSpaceRoles(role, granted.filter(grant => path.includes(grant.folderId)).map(grant => grant.role))
      return itemActions.filter(action => mayOnItem(roles, action, { kind, own: createdBy === userId }))
    },
    reach(action) {
      const below = (scope: 'all' | 'own') => granted.filter(grant => scopeOf([grant.role], action) === scope).map(grant => grant.folderId)
      return {
        everywhere: scopeOf(effectiveSpaceRoles(role, []), action) === 'all',
        all: below('all'),
        own: below('own'),
      }
    },
  }
}

const factorMissing = () => secondFactorRequired('This workspace asks it of your role: set one up on your account page')
const itemNotFound = () => notFound('There is no such file or folder')

const actionWords: Record<ItemAction, string> = {
  see: 'see this',
  preview: 'preview files',
  download: 'download files',
  upload: 'add anything',
  change: 'change this',
  share: 'share this',
  manage: 'manage access',
}
