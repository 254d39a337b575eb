import type { Tx } from '../../db/database.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { NewAuditEvent } from '../audit/audit.service.ts'
import { publishLive } from '../../live/live-bus.ts'
import { invitationAccepted, memberJoined, memberRoleChanged } from '../audit/audit.actions.ts'
import { endMailedSignIns } from '../users/accounts.service.ts'
import { isAcceptable } from './members.policy.ts'
import * as queries from './members.queries.ts'

export type FoundInvitation = NonNullable<Awaited<ReturnType<typeof queries.findInvitation>>>
interface Person { id: string, name: string }

/** How a seat is taken, inside the caller's transaction. What is returned is for the log, to be recorded last. */
export interface Seats {
  /** The newest invitation that is open to this address, with the lock of its workspace: its inviter's role stands still. */
  lockInvitationTo: (tx: Tx, emailKey: string) => Promise<FoundInvitation | undefined>
  takeInvited: (tx: Tx, found: Pick<FoundInvitation, 'workspace' | 'invitation'>, person: Person) => Promise<NewAuditEvent[]>
  /** With the workspace's lock. */
  take: (tx: Tx, workspaceId: string, person: Person, role: 'admin' | 'staff') => Promise<NewAuditEvent[]>
  /** Of a member who is no owner: nobody becomes one by this, and none stops being one; and of no client's contact, whom somebody invited as that. */
  changeRole: (tx: Tx, workspaceId: string, person: Person, role: 'admin' | 'staff') => Promise<NewAuditEvent[]>
}

/** One for each time that it is sent. */
export const mailKeyOf = ({ id, mailedTokenHash }: Pick<queries.InvitationRow, 'id' | 'mailedTokenHash'>) => `invitation:${id}:${mailedTokenHash?.toString('hex', 0, 8) ?? ''}`
export const subjectOf = ({ id, email }: { id: string, email: string | null }) => ({ kind: 'invitation' as const, id, name: email ?? '' })
export const rolesOf = ({ role, spaceRole }: Pick<queries.InvitationRow, 'role' | 'spaceRole'>) => ({ role, spaceRole })

/** Whoever takes a seat holds the workspace's lock, which comes before every other. */
export const lockWorkspace = queries.lockWorkspace

export function createSeats({ clock, newId, mail }: { clock: () => Date, newId: () => string, mail: Pick<Mailer, 'withdraw'> }): Seats {
  async function sit(tx: Tx, workspaceId: string, person: Person, { role, spaceRole }: Pick<queries.InvitationRow, 'role' | 'spaceRole'>): Promise<NewAuditEvent> {
    const now = clock()
    const memberId = newId()
    if (role !== 'client') await endMailedSignIns(tx, now, person.id)
    await queries.insertMember(tx, {
      id: memberId,
      workspaceId,
      userId: person.id,
      role,
      createdAt: now,
    })
    if (spaceRole) {
      await queries.setSpaceRole(tx, workspaceId, person.id, spaceRole, {
        id: newId(),
        now,
      })
    }
    await publishLive(tx, { topic: 'members', workspaceId, userId: person.id })
    return memberJoined({
      workspaceId,
      subject: { kind: 'member', id: memberId, name: person.name },
      details: { userId: person.id, role, spaceRole },
    })
  }

  return {
    async lockInvitationTo(tx, emailKey) {
      const open = async () => (await queries.findInvitationsTo(tx, emailKey, clock())).find(each => isAcceptable(each.invitation, each.inviterRole, clock()))
      const found = await open()
      if (!found) return undefined
      await queries.lockWorkspace(tx, found.workspace.id)
      await queries.lockInvitation(tx, found.workspace.id, found.invitation.id)
      const still = await open()
      return still?.invitation.id === found.invitation.id
        ? still
        : undefined
    },

    async takeInvited(tx, { workspace, invitation }, person) {
      const joined = await sit(tx, workspace.id, person, invitation)
      await queries.endInvitation(tx, invitation.id, {
        acceptedAt: clock(),
        acceptedBy: person.id,
      })
      await mail.withdraw(tx, mailKeyOf(invitation))
      return [
        invitationAccepted({
          workspaceId: workspace.id,
          subject: subjectOf(invitation),
          details: rolesOf(invitation),
        }),
        joined,
      ]
    },

    take: async (tx, workspaceId, person, role) => [await sit(tx, workspaceId, person, { role, spaceRole: null })],

    async changeRole(tx, workspaceId, person, role) {
      await queries.lockWorkspace(tx, workspaceId)
      const seat = await queries.findMemberOfUser(tx, workspaceId, { userId: person.id })
      if (!seat || seat.role === 'owner' || seat.role === 'client' || seat.role === role) return []
      const { spaceRole } = (await queries.findMember(tx, workspaceId, seat.id))!
      await queries.setRole(tx, workspaceId, seat.id, role)
      // Admins manage every space by their role.
      if (spaceRole !== null) {
        await queries.setSpaceRole(tx, workspaceId, person.id, null, {
          id: newId(),
          now: clock(),
        })
      }
      await publishLive(tx, { topic: 'members', workspaceId, userId: person.id })
      return [
        memberRoleChanged({
          workspaceId,
          subject: { kind: 'member', id: seat.id, name: person.name },
          details: {
            userId: person.id,
            role: { from: seat.role, to: role },
            spaceRole: { from: spaceRole, to: null },
          },
        }),
      ]
    },
  }
}
