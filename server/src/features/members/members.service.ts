import type { Db, Executor, Tx } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { WorkspaceAction } from '../access/access.policy.ts'
import type { AccessService, Member as Seat } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { AuthService, StartedSession } from '../auth/auth.service.ts'
import type { MemberRow } from './members.queries.ts'
import type { AcceptInput, CreatedInvitation, Invitation, InvitationInput, Member, MemberChange, PublicInvitation } from './members.schemas.ts'
import { and, eq } from 'drizzle-orm'
import { accessDenied, notFound } from '../../errors/common-errors.ts'
import { publishLive } from '../../live/live-bus.ts'
import { mayAssignRole } from '../access/access.policy.ts'
import { memberEnded, memberRoleChanged } from '../audit/audit.actions.ts'
import { createInvitations } from './invitations.ts'
import { lastOwner } from './members.errors.ts'
import { requireSpaceRoleFits } from './members.policy.ts'
import * as queries from './members.queries.ts'
import { members } from './members.table.ts'

export interface MembersService {
  list: (seat: Seat) => Promise<Member[]>
  /** `spaceRole` is for staff; another role takes it away. @throws {AppError} `member.last_owner`, `access.denied`, `not_found` */
  change: (caller: Caller, seat: Seat, memberId: string, change: MemberChange) => Promise<Member>
  /** Ends a membership: another's (members.manage) or one's own. @throws {AppError} `member.last_owner` */
  end: (caller: Caller, seat: Seat, memberId: string) => Promise<void>
  listInvitations: (seat: Seat) => Promise<Invitation[]>
  /** @throws {AppError} `member.already` when the address is a member's, `access.denied` */
  invite: (caller: Caller, seat: Seat, input: InvitationInput) => Promise<CreatedInvitation>
  /** Again: nothing. @throws {AppError} `not_found`, `invitation.used` */
  revokeInvitation: (caller: Caller, seat: Seat, invitationId: string) => Promise<void>
  /** @throws {AppError} `invitation.not_found` for unknown, expired, revoked and used alike, and when the inviter may no longer give this role */
  showInvitation: (token: string) => Promise<PublicInvitation>
  /**
   * Joins the workspace: as the signed-in person, or as the account that `input` makes or signs in to. Single use, race-free.
   * @throws {AppError} `invitation.not_found`, `invitation.other_email`, `member.already` (it stays unused), `auth.password_weak`, and those of a sign-in
   */
  accept: (caller: Caller, token: string, input: AcceptInput, signedIn: SignedIn | null) => Promise<{ session: StartedSession | null, workspaceSlug: string }>
}

export interface MembersDeps {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  access: Pick<AccessService, 'requireMember'>
  auth: Pick<AuthService, 'verifyCredentials' | 'startSession'>
  publicUrl: string
}

export function createMembersService(deps: MembersDeps): MembersService {
  const { db, clock, newId, audit, access } = deps

  const shown = (row: MemberRow, viewerId: string): Member => ({
    ...row,
    // Owners and admins manage every space by their role.
    spaceRole: row.role === 'staff'
      ? row.spaceRole
      : null,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    isYou: row.userId === viewerId,
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

    list: async ({ workspaceId, userId }) => (await queries.listMembers(db, workspaceId)).map(row => shown(row, userId)),

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
        if (role === target.role && spaceRole === target.spaceRole) return shown(target, seat.userId)
        if (role !== target.role) await tx.update(members).set({ role }).where(and(eq(members.workspaceId, workspaceId), eq(members.id, target.id)))
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
        return shown(await getMember(tx, workspaceId, target.id), seat.userId)
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
