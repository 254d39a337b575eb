import type { Caller, SignedIn } from '../../http/caller.ts'
import type { Member as Seat } from '../access/access.service.ts'
import type { StartedSession } from '../auth/auth.service.ts'
import type { AcceptInput, CreatedInvitation, Invitation, InvitationInput, Member, MemberChange, PublicInvitation } from './members.schemas.ts'

export interface MembersService {
  list: (seat: Seat) => Promise<Member[]>
  /** @throws {AppError} `member.last_owner`, `access.denied`, `not_found` */
  change: (caller: Caller, seat: Seat, memberId: string, change: MemberChange) => Promise<Member>
  /** Ends a membership: another's (members.manage) or one's own. @throws {AppError} `member.last_owner` */
  end: (caller: Caller, seat: Seat, memberId: string) => Promise<void>
  listInvitations: (seat: Seat) => Promise<Invitation[]>
  invite: (caller: Caller, seat: Seat, input: InvitationInput) => Promise<CreatedInvitation>
  revokeInvitation: (caller: Caller, seat: Seat, invitationId: string) => Promise<void>
  /** @throws {AppError} `invitation.not_found` for unknown, expired, revoked and used alike */
  showInvitation: (token: string) => Promise<PublicInvitation>
  /** Joins the workspace: as the signed-in person, or as the account that `input` makes or signs in to. Single use, race-free. */
  accept: (caller: Caller, token: string, input: AcceptInput, signedIn: SignedIn | null) => Promise<{ session: StartedSession | null, workspaceSlug: string }>
}
