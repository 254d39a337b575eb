import type { Executor, Tx } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { AgreedText } from '../acceptances/acceptances.service.ts'
import type { Member as Seat } from '../access/access.service.ts'
import type { SecondStep } from '../auth/auth.schemas.ts'
import type { StartedSession } from '../auth/session.ts'
import type { MembersContext } from './members.context.ts'
import type { AcceptInput, CreatedInvitation, Invitation, InvitationInput, InvitationResend, PublicInvitation } from './members.schemas.ts'
import type { FoundInvitation } from './seats.ts'
import { hashPassword } from '../../crypto/passwords.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import { violatedConstraint } from '../../db/db-errors.ts'
import { AppError } from '../../errors/app-error.ts'
import { accessDenied, notFound, requestInvalid, tooManyRequests } from '../../errors/common-errors.ts'
import { faultOf } from '../../http/text-forms.ts'
import { publishLive } from '../../live/live-bus.ts'
import { mayAssignRole } from '../access/access.policy.ts'
import { invitationCreated, invitationResent, invitationRevoked } from '../audit/audit.actions.ts'
import { wrongCredentials } from '../auth/auth.errors.ts'
import { callerAs, startedEvent } from '../auth/auth.service.ts'
import { requireGoodPassword } from '../auth/password-rules.ts'
import { invitationMakesAccounts } from '../auth/registration.policy.ts'
import { isAddressTaken } from '../users/email-changes.service.ts'
import { emailKey } from '../users/email-key.ts'
import { mailInvitation } from './mail-invitation.ts'
import { alreadyMember, invitationNotFound, invitationOtherEmail, invitationUsed } from './members.errors.ts'
import { invitationState, isAcceptable, requireSpaceRoleFits } from './members.policy.ts'
import * as queries from './members.queries.ts'
import { createSeats, mailKeyOf, rolesOf, subjectOf } from './seats.ts'

/** How somebody comes to a seat. */
export interface Invitations {
  listInvitations: (seat: Seat) => Promise<Invitation[]>
  /** @throws {AppError} `member.already` when the address is a member's, `access.denied` */
  invite: (caller: Caller, seat: Seat, input: InvitationInput) => Promise<CreatedInvitation>
  /**
   * A new link in place of the former, which ends, good from now on; the mail goes again. From then on it is whoever sends it again that invites. One that has expired too.
   * @throws {AppError} `not_found`, also for one that was revoked, `invitation.used`, `member.already`, `access.denied`, `rate.limited`
   */
  resendInvitation: (caller: Caller, seat: Seat, invitationId: string, input: InvitationResend) => Promise<CreatedInvitation>
  /** Again: nothing. @throws {AppError} `not_found`, `invitation.used` */
  revokeInvitation: (caller: Caller, seat: Seat, invitationId: string) => Promise<void>
  /** @throws {AppError} `invitation.not_found` for unknown, expired, revoked and used alike, and when the inviter may no longer give this role */
  showInvitation: (token: string) => Promise<PublicInvitation>
  /**
   * Joins the workspace: as the signed-in person, or as the account that `input` makes or signs in to. Single use, race-free. An account with a
   * second factor joins with a session alone: there is a second step instead, which begins one.
   * Somebody who is a member already is signed in, if they were not, and it stays unused.
   * @throws {AppError} `invitation.not_found`, `invitation.other_email`, `member.already` (signed in already; it stays unused), `auth.password_weak`,
   * `policy.not_in_effect`, `request.invalid` where a new account agrees to less than is asked, and those of a sign-in
   */
  accept: (caller: Caller, token: string, input: AcceptInput, signedIn: SignedIn | null) => Promise<{ session: StartedSession | null, workspaceSlug: string } | SecondStep>
}

/** Who joins. With a session to start, unless they have one; with the hash of a password, or null for none, when the account is still to be made. */
interface Joining {
  user: StartedSession['user']
  signsIn: boolean
  newPasswordHash?: string | null
  /** Of the account that is there, as the password was found right. */
  passwordHash?: string
  /** What they agree to. */
  agreed?: AgreedText[]
}

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 7
/** Of one address, whoever invites it: nobody's mailbox is filled. */
const MAILED_TO_ONE = { count: 5, windowSeconds: 3600 }
/** Of one workspace: the server's mails are everybody's. */
const MAILED_BY_ONE = { count: 200, windowSeconds: 86_400 }
/** Of one invitation, with or without a mail. */
const RESENT = { count: 5, windowSeconds: 3600 }
/** By an invitation to nobody in particular: who has it could try one address after the other, and be told who has an account. */
const TRIES_WITH_ONE = { count: 10, windowSeconds: 3600 }

export function createInvitations({ db, clock, newId, audit, access, auth, instance, throttle, mail, publicUrl, acceptances }: MembersContext): Invitations {
  const shown = ({ invitation, inviter }: Pick<FoundInvitation, 'invitation' | 'inviter'>): Invitation => ({
    id: invitation.id,
    email: invitation.email,
    role: invitation.role,
    spaceRole: invitation.spaceRole,
    state: invitationState(invitation, clock()),
    createdBy: inviter,
    createdAt: invitation.createdAt.toISOString(),
    expiresAt: invitation.expiresAt.toISOString(),
  })

  const seats = createSeats({ clock, newId, mail })

  async function getAcceptable(executor: Executor, token: string): Promise<FoundInvitation> {
    const found = await queries.findInvitation(executor, hashSecret(token))
    if (!found || !isAcceptable(found.invitation, found.inviterRole, clock())) throw invitationNotFound('Ask whoever sent it for a new one')
    return found
  }

  /** Beyond the limits there is the link alone, for whoever invites to hand on. */
  async function mayMail(workspaceId: string, email: string): Promise<boolean> {
    try {
      await throttle.limit(`invitation:subject:${emailKey(email)}`, MAILED_TO_ONE)
      await throttle.limit(`invitations:subject:${workspaceId}`, MAILED_BY_ONE)
      return true
    }
    catch (error) {
      if (error instanceof AppError && error.code === tooManyRequests.code) return false
      throw error
    }
  }

  /** With the workspace's lock. */
  async function requireMayInvite(tx: Tx, { userId, workspaceId }: Seat, { role, email }: Pick<FoundInvitation['invitation'], 'role' | 'email'>): Promise<void> {
    const actor = await access.requireMember(userId, workspaceId, 'members.manage', tx)
    if (!mayAssignRole(actor.role, null, role)) throw accessDenied('Only owners make, change and end owners')
    if (email !== null && await queries.findMemberOfUser(tx, workspaceId, {
      emailKey: emailKey(email),
    })) {
      throw alreadyMember({
        fields: [
          { pointer: '/email', detail: 'is a member’s' },
        ],
      })
    }
  }

  const shownOnce = (caller: Caller, invitation: FoundInvitation['invitation'], { token, isMailed }: { token: string, isMailed: boolean }): CreatedInvitation => ({
    ...shown({
      invitation,
      inviter: { id: invitation.createdBy, name: caller.actor.name },
    }),
    url: `${publicUrl}/invite/${token}`,
    isMailed,
  })

  function requireAddressee(invitedEmail: string | null, email: string): void {
    if (invitedEmail !== null && emailKey(invitedEmail) !== emailKey(email)) throw invitationOtherEmail('Use the e-mail address that it was sent to')
  }

  /** All slow work (hashing) is here, before the transaction. */
  async function identify(caller: Caller, token: string, invitation: FoundInvitation['invitation'], input: AcceptInput, signedIn: SignedIn | null): Promise<Joining | SecondStep> {
    const { id: invitationId, email: invitedEmail } = invitation
    if (signedIn) {
      requireAddressee(invitedEmail, signedIn.email)
      const { userId: id, name, email, isOperator } = signedIn
      return {
        user: {
          id,
          name,
          email,
          isOperator,
          locale: null,
        },
        signsIn: false,
      }
    }
    const email = input.email ?? invitedEmail
    const { name, password, locale = null } = input
    if (email === null) throw missing('/email')
    if (password === undefined && (name === undefined || needsPassword(invitation, token))) throw missing('/password')
    requireAddressee(invitedEmail, email)
    // Before anybody is looked for: a password too weak for a new account must not tell who has one already.
    if (name !== undefined && password !== undefined) requireGoodPassword(password, [name, email])
    // Nor must what is asked of new accounts alone: whoever has one is asked after the sign-in.
    const agreed = await acceptances.readGiven(input.acceptances, name !== undefined)
    if (invitedEmail === null) await throttle.limit(`invitation-tries:subject:${invitationId}`, TRIES_WITH_ONE)
    const exists = await queries.userExists(db, emailKey(email))
    // Where it makes none, whoever has no account is answered as one who does not know its password.
    const makesAccounts = invitationMakesAccounts(await instance.settings())
    if (exists || name === undefined || !makesAccounts) {
      // They read mail there: that there is an account, they may know.
      if (password === undefined) throw wrongCredentials('There is an account with this address: sign in to it first')
      const verified = await auth.verifyCredentials(caller, { email, password })
      return verified.secondStep ?? {
        user: verified.user,
        signsIn: true,
        passwordHash: verified.passwordHash,
        agreed,
      }
    }

    // Of before the rule, too.
    if (faultOf(email, 'address') !== undefined) throw invitationNotFound('No mail can be sent to its address: ask for one to another')
    return {
      user: {
        id: newId(),
        name,
        email: email.trim(),
        isOperator: false,
        locale,
      },
      signsIn: true,
      newPasswordHash: password === undefined
        ? null
        : await hashPassword(password),
      agreed,
    }
  }

  const comesByMail = ({ email, mailedTokenHash }: FoundInvitation['invitation'], token: string): boolean => email !== null && mailedTokenHash?.equals(hashSecret(token)) === true

  /** Whether an account that is made by this link is given a password: a client's contact signs in by mailed codes, once they have shown that they read mail there. */
  const needsPassword = (invitation: FoundInvitation['invitation'], token: string): boolean => invitation.role !== 'client' || !mail.canSend || !comesByMail(invitation, token)

  async function join(tx: Tx, caller: Caller, token: string, { user, signsIn, newPasswordHash, passwordHash, agreed = [] }: Joining): Promise<{ session: StartedSession | null, workspaceSlug: string }> {
    const now = clock()
    // The workspace's lock first, as those who change roles take it: the inviter's role stands still until the commit.
    const { workspace, invitation: { id } } = await getAcceptable(tx, token)
    await queries.lockWorkspace(tx, workspace.id)
    await queries.lockInvitation(tx, workspace.id, id)
    const { invitation } = await getAcceptable(tx, token)
    if (await queries.findMemberOfUser(tx, workspace.id, { userId: user.id })) {
      if (!signsIn) throw alreadyMember('You can go there right away; the invitation stays open for somebody else')
      // A right password is a sign-in, wherever it was given: nobody tries one here without the person being told.
      const session = await auth.startSession(tx, caller, user, { passwordHash })
      await audit.record(tx, callerAs(caller, user), ...await acceptances.keep(tx, caller, agreed, { userId: user.id, place: 'invitation' }), startedEvent(session))
      return { session, workspaceSlug: workspace.slug }
    }

    if (newPasswordHash !== undefined) {
      await queries.insertUser(tx, {
        id: user.id,
        name: user.name,
        email: user.email,
        emailKey: emailKey(user.email),
        locale: user.locale,
        passwordHash: newPasswordHash,
        createdAt: now,
      })
      // As one who does not know the password of whoever has it.
      if (await isAddressTaken(tx, emailKey(user.email), now, user.id)) throw wrongCredentials()
    }
    if (comesByMail(invitation, token)) await queries.noteEmailVerified(tx, user.id, emailKey(invitation.email!), now)
    // By what they are until now: what a seat asks for, its next sign-in asks.
    const session = signsIn
      ? await auth.startSession(tx, caller, user, { passwordHash })
      : null
    const accepted = await acceptances.keep(tx, caller, agreed, { userId: user.id, place: 'invitation' })
    const events = await seats.takeInvited(tx, { workspace, invitation }, user)
    await audit.record(tx, callerAs(caller, user), ...accepted, ...events, ...session
      ? [
          startedEvent(session),
        ]
      : [])
    return { session, workspaceSlug: workspace.slug }
  }

  const accept: Invitations['accept'] = async (caller, token, input, signedIn) => {
    const { invitation } = await getAcceptable(db, token)
    const joining = await identify(caller, token, invitation, input, signedIn)
    if ('mfaToken' in joining) return joining
    try {
      return await db.transaction(tx => join(tx, caller, token, joining))
    }
    catch (error) {
      // Somebody made this very account a moment ago: now it is one to sign in to.
      if (violatedConstraint(error) === 'users_email_key_unique') return accept(caller, token, input, signedIn)
      throw error
    }
  }

  return {
    accept,

    listInvitations: async ({ workspaceId }) => (await queries.listInvitations(db, workspaceId)).map(shown),

    async invite(caller, seat, { email = null, role, spaceRole = null, expiresInDays = DEFAULT_DAYS, language }) {
      const { workspaceId } = seat
      requireSpaceRoleFits(role, spaceRole)
      const [token, mailedToken] = [
        newSecret(),
        newSecret(),
      ]
      const now = clock()
      const isToMail = email !== null && mail.canSend && await mayMail(workspaceId, email)
      return db.transaction(async (tx) => {
        const workspace = await queries.lockWorkspace(tx, workspaceId)
        await requireMayInvite(tx, seat, { role, email })
        const invitation = await queries.insertInvitation(tx, {
          id: newId(),
          workspaceId,
          email: email?.trim() ?? null,
          emailKey: email === null
            ? null
            : emailKey(email),
          role,
          spaceRole,
          tokenHash: hashSecret(token),
          mailedTokenHash: isToMail
            ? hashSecret(mailedToken)
            : null,
          language,
          createdBy: seat.userId,
          createdAt: now,
          expiresAt: new Date(now.getTime() + expiresInDays * DAY_MS),
        })
        const isMailed = await mailInvitation(tx, mail, invitation, {
          inviter: caller.actor.name,
          workspace,
          token: mailedToken,
        })
        await publishLive(tx, { topic: 'members', workspaceId })
        await audit.record(tx, caller, invitationCreated({
          workspaceId,
          subject: subjectOf(invitation),
          details: {
            role,
            spaceRole,
            expiresAt: invitation.expiresAt.toISOString(),
          },
        }))
        return shownOnce(caller, invitation, { token, isMailed })
      })
    },

    async resendInvitation(caller, seat, invitationId, { expiresInDays = DEFAULT_DAYS, language }) {
      const { workspaceId } = seat
      const [token, mailedToken] = [
        newSecret(),
        newSecret(),
      ]
      const now = clock()
      const before = await queries.readInvitation(db, workspaceId, invitationId)
      if (!before) throw notFound('There is no such invitation')
      await throttle.limit(`invitation-resends:subject:${invitationId}`, RESENT)
      const isToMail = before.email !== null && mail.canSend && await mayMail(workspaceId, before.email)
      return db.transaction(async (tx) => {
        const workspace = await queries.lockWorkspace(tx, workspaceId)
        const open = await queries.lockInvitation(tx, workspaceId, invitationId)
        if (!open || open.revokedAt) throw notFound('There is no such invitation, or it was revoked: make a new one')
        if (open.acceptedAt) throw invitationUsed('Whom it was for is a member by now')
        await requireMayInvite(tx, seat, open)
        await mail.withdraw(tx, mailKeyOf(open))
        const invitation = await queries.renewInvitation(tx, invitationId, {
          tokenHash: hashSecret(token),
          mailedTokenHash: isToMail
            ? hashSecret(mailedToken)
            : null,
          language: language ?? open.language,
          createdBy: seat.userId,
          expiresAt: new Date(now.getTime() + expiresInDays * DAY_MS),
        })
        const isMailed = await mailInvitation(tx, mail, invitation, {
          inviter: caller.actor.name,
          workspace,
          token: mailedToken,
        })
        await publishLive(tx, { topic: 'members', workspaceId })
        await audit.record(tx, caller, invitationResent({
          workspaceId,
          subject: subjectOf(invitation),
          details: {
            ...rolesOf(invitation),
            expiresAt: invitation.expiresAt.toISOString(),
          },
        }))
        return shownOnce(caller, invitation, { token, isMailed })
      })
    },

    async revokeInvitation(caller, { workspaceId }, invitationId) {
      await db.transaction(async (tx) => {
        const invitation = await queries.lockInvitation(tx, workspaceId, invitationId)
        if (!invitation) throw notFound('There is no such invitation')
        if (invitation.acceptedAt) throw invitationUsed('End the membership instead')
        if (invitation.revokedAt) return
        await queries.endInvitation(tx, invitationId, {
          revokedAt: clock(),
        })
        await mail.withdraw(tx, mailKeyOf(invitation))
        await publishLive(tx, { topic: 'members', workspaceId })
        await audit.record(tx, caller, invitationRevoked({
          workspaceId,
          subject: subjectOf(invitation),
          details: rolesOf(invitation),
        }))
      })
    },

    async showInvitation(token) {
      const { invitation, workspace, inviter } = await getAcceptable(db, token)
      return {
        workspaceName: workspace.name,
        invitedBy: inviter.name,
        role: invitation.role,
        email: invitation.email,
        expiresAt: invitation.expiresAt.toISOString(),
        makesAccounts: invitationMakesAccounts(await instance.settings()),
        needsPassword: needsPassword(invitation, token),
      }
    },
  }
}

function missing(pointer: string) {
  return requestInvalid({
    detail: 'Without a session, an account’s e-mail address and password are needed',
    fields: [
      { pointer, detail: 'is required' },
    ],
  })
}
