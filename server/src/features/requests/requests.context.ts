import type { Db, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { Mailer } from '../../mail/outbox.ts'
import type { Replies } from '../../mail/replies.ts'
import type { AcceptancesService } from '../acceptances/acceptances.service.ts'
import type { AccessService } from '../access/access.service.ts'
import type { ConsentsService } from '../announcements/consents.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { AuditSubject } from '../audit/define-action.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { PoliciesService } from '../policies/policies.service.ts'
import type { PasswordResets } from '../users/password-resets.service.ts'
import type { WorkspacesService } from '../workspaces/workspaces.service.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import { requestReceived } from '../audit/audit.actions.ts'
import { replyTagOf } from './reply-tag.ts'
import { PRIVACY_DAYS } from './requests.policy.ts'
import * as queries from './requests.queries.ts'

/** What the parts of the service have in common. */
export interface RequestsOptions {
  db: Db
  audit: AuditLog
  access: Pick<AccessService, 'requireMember'>
  acceptances: Pick<AcceptancesService, 'readGiven' | 'keep'>
  throttle: Throttle
  instance: Pick<InstanceService, 'settings'>
  policies: Pick<PoliciesService, 'listPublished' | 'getPublished'>
  mail: Pick<Mailer, 'canSend' | 'queue' | 'messageIdOf'>
  workspaces: Pick<WorkspacesService, 'createFor'>
  passwordResets: Pick<PasswordResets, 'make' | 'makeWelcome' | 'takeBack'>
  consents: Pick<ConsentsService, 'giveAsked'>
  clock: () => Date
  newId: () => string
  publicUrl: string
  version: string
  proofKey: Buffer
  /** Makes the addresses that answers by mail come in under. */
  replyKey: Buffer
  replies: Pick<Replies, 'addressOf'>
}

export type Request = NonNullable<Awaited<ReturnType<typeof queries.lockRequest>>>

export const DAY_MS = 86_400_000
/** A letter is of use for so long; its link as long as the request stands. */
const LETTER_MS = 14 * DAY_MS

/** Without a name: the log outlives the request, and what was deleted must not stay in it. */
export const subjectOf = (id: string) => ({ kind: 'request', id, name: '' }) satisfies AuditSubject

export type RequestsContext = ReturnType<typeof createRequestsContext>

export function createRequestsContext(options: RequestsOptions) {
  const { audit, clock, newId, mail, instance, publicUrl, replyKey } = options
  const canReply = options.replies.addressOf !== undefined

  /** Inside the caller's transaction. @returns the secret of one more link to the request's page */
  async function makeToken(tx: Tx, requestId: string): Promise<string> {
    const token = newSecret()
    await queries.insertToken(tx, {
      tokenHash: hashSecret(token),
      requestId,
      createdAt: clock(),
    })
    return token
  }

  /** Message-IDs of what was mailed about a request so far. The first mail, which asks for confirmation, is called by the request itself. */
  async function threadOf(tx: Tx, requestId: string): Promise<string[]> {
    const messages = await queries.listMessages(tx, requestId)
    return [
      mail.messageIdOf(requestId),
      ...messages.map(({ messageId }) => messageId),
    ].flatMap(messageId => messageId ?? []).slice(-20)
  }

  return {
    ...options,
    makeToken,
    threadOf,
    urlOf: (token: string) => `${publicUrl}/requests#token=${token}`,

    /** From now on operators see it, and hear of it. */
    async receive(tx: Tx, caller: Caller, { id, kind, receivedAt }: Pick<Request, 'id' | 'kind' | 'receivedAt'>, confirmedAt: Date | null): Promise<void> {
      const now = clock()
      await queries.changeRequest(tx, id, {
        confirmedAt,
        ...receivedAt === null && {
          receivedAt: now,
          dueAt: kind === 'privacy'
            ? new Date(now.getTime() + PRIVACY_DAYS * DAY_MS)
            : null,
        },
      })
      if (receivedAt !== null) return
      await audit.record(tx, caller, requestReceived({
        subject: subjectOf(id),
        details: { kind },
      }))
    },

    /** What a mail to a request's sender has besides its data: the next of the thread that begins with the one that asked for confirmation. */
    async letterTo(tx: Tx, request: Request) {
      const id = newId()
      const { name: sender } = await instance.settings()
      return {
        id,
        key: `request:${id}`,
        to: { address: request.email, name: request.name },
        language: request.language,
        sender,
        references: await threadOf(tx, request.id),
        secrets: {
          token: await makeToken(tx, request.id),
          replyTag: canReply
            ? replyTagOf(replyKey, request)
            : '',
        },
        usefulUntil: new Date(clock().getTime() + LETTER_MS),
      }
    },
  }
}
