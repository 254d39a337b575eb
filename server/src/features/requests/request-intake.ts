import type { Caller, SignedIn } from '../../http/caller.ts'
import type { AgreedText } from '../acceptances/acceptances.service.ts'
import type { RequestsContext } from './requests.context.ts'
import type { PlainRequestInput, RequestInput, RequestReceipt, SupportRequest } from './requests.schemas.ts'
import { randomBytes } from 'node:crypto'
import { newSecret } from '../../crypto/secrets.ts'
import { AppError } from '../../errors/app-error.ts'
import { requestInvalid } from '../../errors/common-errors.ts'
import { emailKey } from '../users/email-key.ts'
import { createRequestProof } from './request-proof.ts'
import { DAY_MS } from './requests.context.ts'
import { consentNeeded, proofRefused } from './requests.errors.ts'
import { requestConfirmMail } from './requests.mails.ts'
import { referenceOf, REQUEST_LIMITS, UNCONFIRMED_DAYS } from './requests.policy.ts'
import * as queries from './requests.queries.ts'

/** Why the form without JavaScript was not sent. */
export interface PlainProblem { code: string, pointer?: string, problem: string }

export interface RequestIntake {
  challenge: ReturnType<typeof createRequestProof>['challenge']
  /** To which policy somebody agrees who asks; undefined where none is in effect. */
  policyToAgree: (language: string) => Promise<{ slug: string, number: number, sha256: string, title: string } | undefined>
  /**
   * Keeps what somebody asks, and writes to its address; or drops it unsaid when its honeypot is filled in.
   * @throws {AppError} `rate.limited`, `request.proof_refused`, `request.consent_needed`, `policy.not_in_effect`, `request.invalid`
   */
  send: (caller: Caller, input: RequestInput) => Promise<RequestReceipt>
  /** The same from the form without JavaScript, which says itself what is wrong. */
  sendPlain: (caller: Caller, input: PlainRequestInput) => Promise<{ reference: string } | { status: number } & PlainProblem>
  /** From inside: who asks is known, so that it is received at once. @throws {AppError} `rate.limited`, and what a workspace that one is not in throws */
  ask: (caller: Caller, person: SignedIn, input: SupportRequest) => Promise<RequestReceipt>
}

export function createRequestIntake(context: RequestsContext): RequestIntake {
  const { db, clock, newId, mail, throttle, access, acceptances, policies, instance, version } = context
  const proof = createRequestProof({ key: context.proofKey, clock })
  const newReference = () => referenceOf(randomBytes(8))

  async function policyToAgree(language: string) {
    const reader = { language, accepts: [] }
    const listed = (await policies.listPublished(reader)).find(({ kind }) => kind === 'privacy')
    if (!listed) return undefined
    const { slug, number, sha256, title } = await policies.getPublished(reader, listed.slug)
    return { slug, number, sha256, title }
  }

  /** To the text in the language that was asked in. */
  async function requireConsent(given: RequestInput['consent'], agreed: readonly AgreedText[], language: string) {
    const policy = await policyToAgree(language)
    // Who says that they agree to it has said so once.
    const text = agreed.find(({ slug }) => slug === policy?.slug)
    if (text) return { policySlug: text.slug, policyNumber: text.number, policySha256: text.sha256 }
    if (policy && (given?.slug !== policy.slug || given.number !== policy.number)) {
      throw consentNeeded({
        fields: [
          { pointer: '/consent', detail: `is not of version ${policy.number} of “${policy.slug}”` },
        ],
      })
    }
    return {
      policySlug: policy?.slug,
      policyNumber: policy?.number,
      policySha256: policy?.sha256,
    }
  }

  /** @throws {AppError} `rate.limited`, `request.proof_refused` */
  async function requireRoom(caller: Caller, altcha: string | undefined): Promise<void> {
    const [name, source, everybody] = altcha === undefined
      ? ['request-unproved', REQUEST_LIMITS.sourceWithoutProof, REQUEST_LIMITS.everybodyWithoutProof] as const
      : ['request', REQUEST_LIMITS.source, REQUEST_LIMITS.everybody] as const
    await throttle.limitPlace(name, caller.origin.ip, source)
    // Before all are counted together: what has not been worked for must not fill that up.
    if (altcha !== undefined) {
      const solved = await proof.read(altcha)
      if (!solved || !await queries.takeProof(db, solved)) throw proofRefused('Ask for a new challenge')
    }
    await throttle.limit(`${name}:everybody`, everybody)
  }

  async function send(caller: Caller, { website, altcha, consent, acceptances: given, news = [], language = 'en', right, ...input }: RequestInput): Promise<RequestReceipt> {
    if ((input.kind === 'privacy') !== (right !== undefined)) {
      throw requestInvalid({
        fields: [
          { pointer: '/right', detail: 'belongs to a privacy request, and to no other' },
        ],
      })
    }
    await requireRoom(caller, altcha)
    if (website) {
      return {
        reference: newReference(),
        isMailed: mail.canSend,
        url: mail.canSend
          ? null
          : context.urlOf(newSecret()),
      }
    }
    // What somebody may ask by law hangs on no agreement.
    const texts = await acceptances.readGiven(given, input.kind !== 'privacy')
    const agreed = await requireConsent(consent, texts, language)
    const email = input.email.trim()
    await throttle.limit(`request:subject:${emailKey(email)}`, REQUEST_LIMITS.address)
    const { name: sender } = await instance.settings()
    const now = clock()
    const request = {
      id: newId(),
      reference: newReference(),
      kind: input.kind,
      right: right ?? null,
      name: input.name.trim(),
      email,
      company: input.company?.trim() || null,
      message: input.message.trim(),
      language,
      news: [
        ...new Set(news),
      ],
      ...agreed,
      createdAt: now,
      receivedAt: null,
      ip: caller.origin.ip,
      userAgent: caller.origin.userAgent,
    }
    return db.transaction(async (tx) => {
      await queries.insertRequest(tx, request)
      await acceptances.keep(tx, caller, texts, {
        requestId: request.id,
        email,
        place: 'request',
      })
      const token = await context.makeToken(tx, request.id)
      const expiresAt = new Date(now.getTime() + UNCONFIRMED_DAYS * DAY_MS)
      await mail.queue(tx, requestConfirmMail, {
        id: request.id,
        key: `request:${request.id}`,
        to: { address: email, name: request.name },
        language,
        sender,
        data: {
          name: request.name,
          reference: request.reference,
          kind: request.kind,
          expiresAt: expiresAt.toISOString(),
        },
        secrets: { token, replyTag: '' },
        usefulUntil: expiresAt,
      })
      // Where mail is sent, nothing comes to the inbox that nobody confirmed.
      if (!mail.canSend) await context.receive(tx, caller, request, null)
      return {
        reference: request.reference,
        isMailed: mail.canSend,
        url: mail.canSend
          ? null
          : context.urlOf(token),
      }
    })
  }

  return {
    challenge: proof.challenge,
    policyToAgree,

    send,

    async sendPlain(caller, { right, consent, accept, launch, product, ...input }) {
      const [slug, number] = consent?.split(' ') ?? []
      try {
        const { reference } = await send(caller, {
          ...input,
          right: right || undefined,
          consent: slug === undefined
            ? undefined
            : {
                slug,
                number: Number(number),
              },
          acceptances: accept?.map((each) => {
            const [slug = '', number, language = '', sha256 = ''] = each.split(' ')
            return {
              slug,
              number: Number(number),
              language,
              sha256,
            }
          }),
          news: [
            ...launch
              ? ['launch' as const]
              : [],
            ...product
              ? ['product' as const]
              : [],
          ],
        })
        return { reference }
      }
      catch (error) {
        if (!(error instanceof AppError)) throw error
        return {
          status: error.status,
          code: error.code,
          pointer: error.fields?.[0]?.pointer,
          problem: error.detail ?? error.title,
        }
      }
    },

    async ask(caller, person, { message, workspaceId, page, requestId, language = 'en' }) {
      await throttle.limit(`request:person:${person.userId}`, REQUEST_LIMITS.source)
      if (workspaceId !== undefined) await access.requireMember(person.userId, workspaceId, 'workspace.see')
      const now = clock()
      const request = {
        id: newId(),
        reference: newReference(),
        kind: 'support' as const,
        name: person.name,
        email: person.email,
        message: message.trim(),
        language,
        createdAt: now,
        receivedAt: null,
        userId: person.userId,
        context: {
          workspaceId,
          workspace: workspaceId && await queries.findWorkspaceName(db, workspaceId),
          page: page || undefined,
          version,
          requestId,
        },
        ip: caller.origin.ip,
        userAgent: caller.origin.userAgent,
      }
      return db.transaction(async (tx) => {
        await queries.insertRequest(tx, request)
        const token = await context.makeToken(tx, request.id)
        await context.receive(tx, caller, request, await queries.findEmailProvedAt(tx, person.userId))
        return {
          reference: request.reference,
          isMailed: false,
          url: context.urlOf(token),
        }
      })
    },
  }
}
