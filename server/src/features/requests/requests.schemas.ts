import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Email, Instant, Line, Literals, Name, Nullable, Page, PageQuery, Ref, Text, Uuid } from '../../http/schemas.ts'
import { mailLanguages } from '../../mail/define-mail.ts'
import { Acceptances } from '../acceptances/acceptances.schemas.ts'
import { consentKinds } from '../announcements/consents.policy.ts'
import { Person } from '../users/users.schemas.ts'
import { Slug } from '../workspaces/workspaces.schemas.ts'
import { privacyRights, requestKinds, requestStates } from './requests.policy.ts'

const RequestKind = Literals(...requestKinds)
const RequestState = Literals(...requestStates)
const Right = Literals(...privacyRights)
const Language = Literals(...mailLanguages)
const MessageText = Text(5000)
const Letter = Text(20_000)

export const RequestInput = Body({
  kind: RequestKind,
  right: Type.Optional(Right),
  name: Name(120),
  email: Email,
  company: Type.Optional(Name(200, 0)),
  message: MessageText,
  language: Type.Optional(Language),
  altcha: Type.Optional(Type.String({ maxLength: 2000, description: 'The solution of a challenge, as ALTCHA’s own programs write it: JSON in Base64. Without one, fewer requests are taken' })),
  consent: Type.Optional(Body({
    slug: Type.String({ maxLength: 64, pattern: '^[a-z0-9-]+$' }),
    number: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
  })),
  acceptances: Type.Optional(Acceptances),
  news: Type.Optional(Type.Array(Literals(...consentKinds), { maxItems: 2, uniqueItems: true })),
  website: Type.Optional(Type.String({ maxLength: 2000, description: 'People leave it empty: a form hides it. What has it filled in is accepted and dropped' })),
})
export type RequestInput = Static<typeof RequestInput>

/** Of the form that works without JavaScript. */
export const PlainRequestInput = Body({
  kind: RequestKind,
  right: Type.Optional(Literals('', ...privacyRights)),
  name: Name(120),
  email: Email,
  company: Type.Optional(Name(200, 0)),
  message: MessageText,
  language: Type.Optional(Language),
  consent: Type.Optional(Type.String({ maxLength: 80, pattern: '^[a-z0-9-]+ [0-9]{1,9}$' })),
  accept: Type.Optional(Type.Array(Type.String({ maxLength: 150, pattern: '^[a-z0-9-]+ [0-9]{1,9} [a-z]{2,3} [0-9a-f]{64}$' }), { maxItems: 50, description: 'Slug, number, language and SHA-256 of a text that is agreed to' })),
  launch: Type.Optional(Type.Literal('yes')),
  product: Type.Optional(Type.Literal('yes')),
  website: Type.Optional(Type.String({ maxLength: 2000 })),
})
export type PlainRequestInput = Static<typeof PlainRequestInput>
export const PlainPageQuery = Type.Object({
  sent: Type.Optional(Type.String({ maxLength: 12, pattern: '^R-[0-9A-Z]{4}-[0-9A-Z]{4}$' })),
  language: Type.Optional(Language),
}, { additionalProperties: false })

/** Also of what else is asked for without a session, and answered by mail. */
export const RequestAccepted = Type.Object({
  accepted: Type.Literal(true),
}, { $id: 'RequestAccepted' })

export const RequestReceipt = Type.Object({
  reference: Type.String(),
  isMailed: Type.Boolean({ description: 'Whether a link to confirm the address is on its way; until then nobody sees the request' }),
  url: Nullable(Type.String({ description: 'Where no mail is sent: the page of the request, this once' })),
}, { $id: 'RequestReceipt' })
export type RequestReceipt = Static<typeof RequestReceipt>

export const RequestChallenge = Type.Object({
  algorithm: Type.String(),
  challenge: Type.String(),
  salt: Type.String(),
  signature: Type.String(),
  maxNumber: Type.Integer(),
}, { $id: 'RequestChallenge' })

/** What its sender sees. */
export const SentRequest = Type.Object({
  reference: Type.String(),
  kind: RequestKind,
  state: Literals('unconfirmed', 'open', 'answered', 'approved', 'declined'),
  createdAt: Instant,
  dueAt: Nullable(Instant),
  message: Type.String(),
  messages: Type.Array(Type.Object({
    from: Literals('sender', 'operator'),
    text: Type.String(),
    at: Instant,
  })),
}, { $id: 'SentRequest' })
export type SentRequest = Static<typeof SentRequest>

export const TokenParams = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 64 }),
})
export const SenderMessage = Body({ message: MessageText })

const shared = {
  id: Uuid,
  reference: Type.String(),
  kind: RequestKind,
  right: Nullable(Right),
  name: Type.String(),
  email: Type.String(),
  company: Nullable(Type.String()),
  message: Type.String(),
  language: Language,
  state: RequestState,
  createdAt: Instant,
  receivedAt: Instant,
  identity: Type.Unsafe<'none' | 'address' | 'account' | 'session'>(Type.String({
    enum: [
      'none',
      'address',
      'account',
      'session',
    ],
    description: 'Who asked: session by an account whose address was proved, account by one whose was not',
  })),
  assignee: Nullable(Ref(Person)),
  handledAt: Nullable(Instant),
  handledBy: Nullable(Ref(Person)),
  dueAt: Nullable(Instant),
}
/** Not `Request`, which is a class of every browser. */
export const ContactRequest = Type.Object(shared, { $id: 'ContactRequest' })
export type ContactRequest = Static<typeof ContactRequest>

export const RequestThread = Type.Object({
  ...shared,
  extendedReason: Nullable(Type.String()),
  outcome: Nullable(Type.String()),
  workspaceId: Nullable(Uuid),
  consent: Nullable(Type.Object({
    slug: Type.String(),
    number: Type.Integer(),
    sha256: Type.String(),
  })),
  news: Type.Array(Type.String()),
  context: Nullable(Type.Object({
    workspaceId: Type.Optional(Uuid),
    workspace: Type.Optional(Type.String()),
    page: Type.Optional(Type.String()),
    version: Type.String(),
    requestId: Type.Optional(Type.String()),
  })),
  origin: Type.Object({
    ip: Nullable(Type.String()),
    userAgent: Nullable(Type.String()),
  }),
  messages: Type.Array(Type.Object({
    id: Uuid,
    from: Literals('sender', 'operator', 'note'),
    text: Type.String(),
    at: Instant,
    by: Nullable(Ref(Person)),
    isMailed: Type.Boolean(),
  })),
}, { $id: 'RequestThread' })
export type RequestThread = Static<typeof RequestThread>

export const RequestListQuery = Type.Object({
  ...PageQuery,
  state: Type.Optional(RequestState),
  kind: Type.Optional(RequestKind),
  q: Type.Optional(Line(200, 0)),
}, { additionalProperties: false })
export type RequestListQuery = Static<typeof RequestListQuery>

export const RequestPage = Type.Object({
  ...Page(Ref(ContactRequest)).properties,
  counts: Type.Object(Object.fromEntries(requestStates.map(state => [
    state,
    Type.Integer({ minimum: 0 }),
  ])) as Record<typeof requestStates[number], ReturnType<typeof Type.Integer>>, { description: 'In all, whatever the filter' }),
})
export type RequestPage = Static<typeof RequestPage>

export const RequestChange = Type.Object({
  state: Type.Optional(Literals('new', 'in_progress', 'answered', 'declined', 'spam')),
  assigneeId: Type.Optional(Nullable(Uuid)),
}, { additionalProperties: false, minProperties: 1 })
export type RequestChange = Static<typeof RequestChange>
export const RequestNote = Body({ text: Letter })
export const RequestReply = Body({
  text: Letter,
  state: Type.Optional(Literals('in_progress', 'answered', 'declined')),
  outcome: Type.Optional(Text(2000)),
})
export type RequestReply = Static<typeof RequestReply>
export const RequestExtension = Body({
  reason: Text(2000),
})
export const RequestApproval = Body({
  workspaceName: Name(120),
  slug: Slug,
})
export type RequestApproval = Static<typeof RequestApproval>

export const WorkspaceFor = Body({
  name: Name(120),
  slug: Slug,
  owner: Body({
    name: Name(120),
    email: Email,
    language: Type.Optional(Language),
  }),
})
export type WorkspaceFor = Static<typeof WorkspaceFor>

export const FoundedWorkspace = Type.Object({
  workspaceId: Uuid,
  slug: Type.String(),
  owner: Ref(Person),
  isNewPerson: Type.Boolean(),
  isMailed: Type.Boolean(),
  url: Nullable(Type.String({ description: 'Where no mail is sent: by which the person sets a password, to pass on' })),
}, { $id: 'FoundedWorkspace' })
export type FoundedWorkspace = Static<typeof FoundedWorkspace>

export const RequestTemplates = Type.Object({
  items: Type.Array(Type.Object({
    language: Language,
    title: Type.String(),
    text: Type.String(),
  })),
}, { $id: 'RequestTemplates' })
export type RequestTemplates = Static<typeof RequestTemplates>
export const RequestTemplatesInput = Body({
  items: Type.Array(Body({
    language: Language,
    title: Name(120),
    text: Letter,
  }), { maxItems: 40 }),
})

export const SupportRequest = Body({
  message: MessageText,
  workspaceId: Type.Optional(Uuid),
  page: Type.Optional(Name(300, 0)),
  requestId: Type.Optional(Uuid),
  language: Type.Optional(Language),
})
export type SupportRequest = Static<typeof SupportRequest>
export const RequestParams = Type.Object({ requestId: Uuid })
