import type { Static } from 'typebox'
import type { MailLanguage } from '../../mail/define-mail.ts'
import { Type } from 'typebox'
import { Body, Email, Instant, Line, Literals, Nullable, Page, PageQuery, Ref, Uuid } from '../../http/schemas.ts'
import { mailLanguages } from '../../mail/define-mail.ts'

const MailState = Literals('waiting', 'sent', 'failed', 'suppressed', 'expired')
const Language = Type.Unsafe<MailLanguage>(Type.String({
  enum: [...mailLanguages],
}))

export const MailStatus = Type.Object({
  canSend: Type.Boolean({ description: 'Whether SMTP_URL is set' }),
  server: Nullable(Type.Object({
    host: Type.String(),
    port: Type.Integer(),
    encryption: Literals('tls', 'starttls', 'maybe'),
    signsIn: Type.Boolean(),
    from: Type.String(),
    replyTo: Nullable(Type.String()),
    isSigned: Type.Boolean({ description: 'With DKIM, by this server' }),
  })),
  perMinute: Type.Integer(),
  keptDays: Type.Integer(),
  counts: Type.Object({
    waiting: Type.Integer(),
    sent: Type.Integer(),
    failed: Type.Integer(),
    suppressed: Type.Integer(),
    expired: Type.Integer(),
  }),
  lastSentAt: Nullable(Instant),
}, { $id: 'MailStatus' })
export type MailStatus = Static<typeof MailStatus>

export const OutboxMail = Type.Object({
  id: Uuid,
  template: Type.String(),
  language: Type.String(),
  to: Type.Object({
    address: Type.String(),
    name: Type.String(),
  }),
  sender: Type.String(),
  subject: Type.String(),
  state: MailState,
  attempts: Type.Integer(),
  createdAt: Instant,
  nextAttemptAt: Nullable(Instant),
  usefulUntil: Nullable(Instant),
  endedAt: Nullable(Instant),
}, { $id: 'OutboxMail' })
export type OutboxMail = Static<typeof OutboxMail>

export const OutboxMailDetail = Type.Object({
  ...OutboxMail.properties,
  messageId: Type.String(),
  tries: Type.Array(Type.Object({
    number: Type.Integer(),
    beganAt: Instant,
    endedAt: Nullable(Instant),
    outcome: Nullable(Literals('sent', 'later', 'refused', 'cut')),
    reply: Nullable(Type.String({ description: 'What the mail server answered, or what went wrong on the way to it' })),
  })),
}, { $id: 'OutboxMailDetail' })
export type OutboxMailDetail = Static<typeof OutboxMailDetail>

export const MailListQuery = Type.Object({
  ...PageQuery,
  state: Type.Optional(MailState),
  search: Type.Optional(Line(254)),
}, { additionalProperties: false })
export type MailListQuery = Static<typeof MailListQuery>
export const MailPage = Page(Ref(OutboxMail))
export type MailPage = Static<typeof MailPage>
export const MailParams = Type.Object({ mailId: Uuid })

export const MailTestInput = Body({
  to: Email,
  language: Type.Optional(Language),
})
export type MailTestInput = Static<typeof MailTestInput>
export const MailTest = Type.Object({
  accepted: Type.Boolean(),
  lacksEncryption: Type.Boolean({ description: 'The mail server takes no STARTTLS, without which nothing is sent to it unless SMTP_ALLOW_PLAIN lets it' }),
  reply: Type.String(),
  transcript: Type.Array(Type.Object({
    by: Literals('us', 'server', 'note'),
    text: Type.String(),
  }), { description: 'Line by line, without passwords' }),
}, { $id: 'MailTest' })
export type MailTest = Static<typeof MailTest>

export const MailSuppression = Type.Object({
  address: Type.String(),
  reply: Type.String(),
  mailId: Nullable(Uuid),
  createdAt: Instant,
}, { $id: 'MailSuppression' })
export type MailSuppression = Static<typeof MailSuppression>
export const SuppressionPage = Page(Ref(MailSuppression))
export type SuppressionPage = Static<typeof SuppressionPage>
export const SuppressionParams = Type.Object({
  address: Line(254),
})
export const SuppressionQuery = Type.Object(PageQuery, { additionalProperties: false })
export type SuppressionQuery = Static<typeof SuppressionQuery>

export const MailTemplate = Type.Object({
  name: Type.String(),
  essential: Type.Boolean({ description: 'Sent whether or not somebody wants news' }),
}, { $id: 'MailTemplate' })
export type MailTemplate = Static<typeof MailTemplate>
export const MailTemplates = Type.Object({
  items: Type.Array(Ref(MailTemplate)),
  languages: Type.Array(Language),
})
export type MailTemplates = Static<typeof MailTemplates>
export const TemplateParams = Type.Object({
  name: Line(100),
})
export const TemplateQuery = Type.Object({
  language: Type.Optional(Language),
}, { additionalProperties: false })
export const MailPreview = Type.Object({
  subject: Type.String(),
  text: Type.String(),
  html: Type.String({ description: 'A whole page, without scripts or pictures' }),
}, { $id: 'MailPreview' })
export type MailPreview = Static<typeof MailPreview>
