import type { Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { MailLanguage } from '../../mail/define-mail.ts'
import type { ConsentKind } from '../announcements/consents.policy.ts'
import type { NewAuditEvent } from '../audit/audit.service.ts'
import type { RequestsContext } from './requests.context.ts'
import type { FoundedWorkspace, WorkspaceFor } from './requests.schemas.ts'
import { conflict } from '../../errors/common-errors.ts'
import { userMade } from '../audit/audit.actions.ts'
import { insertPerson } from '../auth/registrations.service.ts'
import { lockAccount } from '../users/accounts.service.ts'
import { isAddressTaken } from '../users/email-changes.service.ts'
import { emailKey } from '../users/email-key.ts'
import { accountDisabled } from '../users/users.errors.ts'
import { workspaceReadyMail } from './requests.mails.ts'

/** Of mails that lead to what stays. */
const USEFUL_MS = 14 * 86_400_000

export interface Founding {
  name: string
  slug: string
  owner: { name: string, email: string, language: MailLanguage }
  /** When its owner showed that they read mail there; null: they did not. */
  verifiedAt: Date | null
  /** What they agreed to when they asked. */
  news?: { kinds: readonly ConsentKind[], at: Date }
  /** Message-IDs of the thread in which they asked. */
  references?: string[]
}

export interface WorkspaceFounding {
  /**
   * Inside the caller's transaction, which records the events: a workspace, its owner (somebody new, who has no password yet, or whoever has the address), and the mail that tells
   * them. Without mail the answer has the link, for an operator to pass on. An account whose address its maker never proved is not theirs any more when somebody else has; where
   * mail could show it and nobody did, it is given nothing.
   * @throws {AppError} `workspace.slug_taken`, `workspace.slug_reserved`, `user.disabled`, `conflict`
   */
  foundIn: (tx: Tx, caller: Caller, founding: Founding) => Promise<{ founded: FoundedWorkspace, events: NewAuditEvent[] }>
  /** The same by an operator, without a request. */
  found: (caller: Caller, input: WorkspaceFor) => Promise<FoundedWorkspace>
}

export function createWorkspaceFounding({ db, audit, clock, newId, mail, instance, workspaces, passwordResets, consents }: RequestsContext): WorkspaceFounding {
  async function foundIn(tx: Tx, caller: Caller, { name, slug, owner, verifiedAt, news, references = [] }: Founding) {
    const email = owner.email.trim()
    const key = emailKey(email)
    const now = clock()
    const newcomer = {
      id: newId(),
      name: owner.name.trim(),
    }
    const isMade = await lockAccount(tx, key) === undefined
    if (isMade) {
      if (await isAddressTaken(tx, key, now) || !await insertPerson(tx, {
        ...newcomer,
        email,
        emailKey: key,
        emailVerifiedAt: verifiedAt,
        locale: owner.language,
        createdAt: now,
      })) {
        throw conflict('Somebody takes this address just now')
      }
    }
    const account = (await lockAccount(tx, key))!
    if (account.disabledAt) throw accountDisabled('Enable it first')
    const isUnproved = !isMade && account.emailVerifiedAt === null
    if (isUnproved && verifiedAt === null && mail.canSend && account.id !== caller.actor.id) {
      throw conflict('There is an account with this address, and nobody has shown that they read mail there: let them ask for a new password by mail first')
    }
    const takenBack = isUnproved && verifiedAt !== null
      ? await passwordResets.takeBack(tx, account, verifiedAt)
      : undefined
    const isNew = isMade || takenBack !== undefined
    const { id: workspaceId, event } = await workspaces.createFor(tx, account.id, { name, slug })
    const welcome = isNew && mail.canSend
      ? await passwordResets.makeWelcome(tx, account.id)
      : undefined
    const { name: sender } = await instance.settings()
    const usefulUntil = welcome?.expiresAt ?? new Date(now.getTime() + USEFUL_MS)
    const isMailed = await mail.queue(tx, workspaceReadyMail, {
      key: `workspace-ready:${workspaceId}`,
      to: { address: account.email, name: account.name },
      language: owner.language,
      sender,
      references,
      data: {
        name: account.name,
        email: account.email,
        workspace: name,
        isNew,
        expiresAt: usefulUntil.toISOString(),
      },
      secrets: { path: welcome?.path ?? `/w/${slug}/files` },
      usefulUntil,
    }) > 0
    // Another kind of link than the mailed one: an operator's counts as long as they may make one.
    const passedOn = isNew && !isMailed
      ? await passwordResets.make(tx, account.id, caller.actor.id!)
      : undefined
    const subject = { kind: 'user' as const, id: account.id, name: account.name }
    return {
      founded: {
        workspaceId,
        slug,
        owner: { id: account.id, name: account.name },
        isNewPerson: isNew,
        isMailed,
        url: passedOn?.url ?? null,
      },
      events: [
        ...takenBack
          ? [takenBack]
          : [],
        ...isMade
          ? [
              userMade({
                subject,
                details: {
                  expiresAt: (passedOn?.expiresAt ?? welcome!.expiresAt).toISOString(),
                  isMailed,
                },
              }),
            ]
          : [],
        // Whoever had an account may have withdrawn since they asked.
        ...isMade && news
          ? await consents.giveAsked(tx, account, news)
          : [],
        event,
      ],
    }
  }

  return {
    foundIn,

    async found(caller, { owner, ...workspace }) {
      return db.transaction(async (tx) => {
        const { founded, events } = await foundIn(tx, caller, {
          ...workspace,
          owner: { ...owner, language: owner.language ?? 'en' },
          verifiedAt: null,
        })
        await audit.record(tx, caller, ...events)
        return founded
      })
    },
  }
}
