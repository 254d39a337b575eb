import type { Executor, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { WorkspaceAction } from '../access/access.policy.ts'
import type { Member as Seat } from '../access/access.service.ts'
import type { Invitations } from './invitations.ts'
import type { MembersContext } from './members.context.ts'
import type { MemberRow } from './members.queries.ts'
import type { Member, MemberChange } from './members.schemas.ts'
import { accessDenied, notFound } from '../../errors/common-errors.ts'
import { publishLive } from '../../live/live-bus.ts'
import { mayAssignRole, mayInWorkspace } from '../access/access.policy.ts'
import { memberEnded, memberRoleChanged } from '../audit/audit.actions.ts'
import { endMailedSignIns } from '../users/accounts.service.ts'
import { createInvitations } from './invitations.ts'
import { lastOwner } from './members.errors.ts'
import { requireSpaceRoleFits } from './members.policy.ts'
import * as queries from './members.queries.ts'

/** The seats of a workspace: who has one, and how one comes to it. */
export interface MembersService extends Invitations {
  list: (seat: Seat) => Promise<Member[]>
  /** `spaceRole` is for staff; another role takes it away. @throws {AppError} `member.last_owner`, `access.denied`, `not_found` */
  change: (caller: Caller, seat: Seat, memberId: string, change: MemberChange) => Promise<Member>
  /** Ends a membership: another's (members.manage) or one's own. @throws {AppError} `member.last_owner` */
  end: (caller: Caller, seat: Seat, memberId: string) => Promise<void>
}

export function createMembersService(deps: MembersContext): MembersService {
  const { db, clock, newId, audit, access } = deps

  const shown = (row: MemberRow, viewer: Pick<Seat, 'userId' | 'role'>): Member => ({
    ...row,
    // Owners and admins manage every space by their role.
    spaceRole: row.role === 'staff'
      ? row.spaceRole
      : null,
    hasSecondFactor: mayInWorkspace(viewer.role, 'members.manage')
      ? row.hasSecondFactor
      : null,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    isYou: row.userId === viewer.userId,
  })

  /** The actor and the target as they are under the lock: what the request's start saw may have changed since. */
  async function lockBoth(tx: Tx, seat: Seat, memberId: string, needs: WorkspaceAction): Promise<{ actor: Seat, target: MemberRow }> {
    await queries.lockWorkspace(tx, seat.workspaceId)
    const actor = await access.requireMember(seat.userId, seat.workspaceId, needs, tx)
    const target = await getMember(tx, seat.workspaceId, memberId)
    return { actor, target }
  }

  async function getMember(executor: Executor, workspaceId: string, memberId: string): Promise<MemberRow> {
    const row = await queries.findMember(executor, workspaceId, memberId)
    if (!row) throw notFound('There is no such member')
    return row
  }

  async function requireAnotherOwner(tx: Tx, workspaceId: string, target: MemberRow): Promise<void> {
    if (target.role === 'owner' && await queries.countOtherOwners(tx, workspaceId, target.id) === 0) throw lastOwner('Make somebody else an owner first')
  }

  return {
    ...createInvitations(deps),

    list: async seat => (await queries.listMembers(db, seat.workspaceId)).map(row => shown(row, seat)),

    async change(caller, seat, memberId, change) {
      const { workspaceId } = seat
      return db.transaction(async (tx) => {
        const { actor, target } = await lockBoth(tx, seat, memberId, 'members.manage')
        const role = change.role ?? target.role
        if (!mayAssignRole(actor.role, target.role, role)) throw accessDenied('Only owners make, change and end owners')
        requireSpaceRoleFits(role, change.spaceRole)
        if (role !== 'owner') await requireAnotherOwner(tx, workspaceId, target)

        const spaceRole = role !== 'staff'
          ? null
          : change.spaceRole === undefined
            ? target.spaceRole
            : change.spaceRole
        if (role === target.role && spaceRole === target.spaceRole) return shown(target, actor)
        if (target.role === 'client' && role !== 'client') await endMailedSignIns(tx, clock(), target.userId)
        if (role !== target.role) await queries.setRole(tx, workspaceId, target.id, role)
        if (spaceRole !== target.spaceRole) {
          await queries.setSpaceRole(tx, workspaceId, target.userId, spaceRole, {
            id: newId(),
            now: clock(),
          })
        }
        await publishLive(tx, { topic: 'members', workspaceId, userId: target.userId })
        await audit.record(tx, caller, memberRoleChanged({
          workspaceId,
          subject: { kind: 'member', id: target.id, name: target.name },
          details: {
            userId: target.userId,
            role: { from: target.role, to: role },
            spaceRole: { from: target.spaceRole, to: spaceRole },
          },
        }))
        return shown(await getMember(tx, workspaceId, target.id), actor)
      })
    },

    async end(caller, seat, memberId) {
      const { workspaceId } = seat
      await db.transaction(async (tx) => {
        const { actor, target } = await lockBoth(tx, seat, memberId, 'workspace.see')
        if (target.userId !== actor.userId && !mayAssignRole(actor.role, target.role, null)) throw accessDenied('Your role does not let you end this membership')
        await requireAnotherOwner(tx, workspaceId, target)
        await queries.deleteMember(tx, workspaceId, target)
        await publishLive(tx, { topic: 'members', workspaceId, userId: target.userId })
        await audit.record(tx, caller, memberEnded({
          workspaceId,
          subject: { kind: 'member', id: target.id, name: target.name },
          details: { userId: target.userId, role: target.role },
        }))
      })
    },
  }
}
