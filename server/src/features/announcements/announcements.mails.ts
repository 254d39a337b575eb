import { Type } from 'typebox'
import { Literals } from '../../http/schemas.ts'
import { defineMail } from '../../mail/define-mail.ts'
import { consentKinds } from './consents.policy.ts'

/** What an operator writes to many. */
export const announcementMail = defineMail({
  name: 'announcements.announcement',
  essential: true,
  data: {
    kind: Literals('service', 'billing'),
    subject: Type.String(),
    markdown: Type.String(),
  },
  secrets: {},
  prose: 'markdown',
  sample: {
    data: {
      kind: 'service',
      subject: 'Maintenance on Saturday, 6 March',
      markdown: 'On **Saturday from 8 to 9 in the morning (UTC)** this server is away.\n\n- Links do not open in that hour.\n- Uploads that are under way go on by themselves.\n\nQuestions? Write to [support@example.com](mailto:support@example.com).',
    },
    secrets: {},
    de: {
      subject: 'Wartung am Samstag, 6. März',
      markdown: 'Am **Samstag von 8 bis 9 Uhr (UTC)** ist dieser Server nicht erreichbar.\n\n- Links öffnen sich in dieser Stunde nicht.\n- Begonnene Uploads gehen danach von selbst weiter.\n\nFragen? Schreiben Sie an [support@example.com](mailto:support@example.com).',
    },
  },
  words: {
    en: ({ kind, subject, markdown }, { sender }) => ({
      subject,
      heading: subject,
      paragraphs: [],
      prose: markdown,
      action: { label: `Open ${sender}`, path: '/' },
      reason: kind === 'billing'
        ? `You get this mail because you have an account at ${sender}, and it is about what is charged for it.`
        : `You get this mail because you have an account at ${sender}, and it is about how it runs.`,
    }),
    de: ({ kind, subject, markdown }, { sender }) => ({
      subject,
      heading: subject,
      paragraphs: [],
      prose: markdown,
      action: { label: `${sender} öffnen`, path: '/' },
      reason: kind === 'billing'
        ? `Sie bekommen diese Mail, weil Sie bei ${sender} ein Konto haben und es um dessen Abrechnung geht.`
        : `Sie bekommen diese Mail, weil Sie bei ${sender} ein Konto haben und es um dessen Betrieb geht.`,
    }),
  },
})

/** What an operator writes to those who agreed to news of that kind. */
export const announcementNewsMail = defineMail({
  name: 'announcements.news',
  essential: false,
  data: {
    kind: Literals(...consentKinds),
    subject: Type.String(),
    markdown: Type.String(),
  },
  secrets: {
    unsubscribePath: Type.String(),
  },
  prose: 'markdown',
  sample: {
    data: {
      kind: 'product',
      subject: 'Links can wait for their day',
      markdown: 'A secure link can now **open at a later date**: you set it where you make the link.',
    },
    secrets: { unsubscribePath: '/unsubscribe/example' },
    de: {
      subject: 'Links können auf ihren Tag warten',
      markdown: 'Ein sicherer Link kann sich jetzt **erst ab einem späteren Tag** öffnen: Sie stellen das ein, wo Sie den Link erstellen.',
    },
  },
  words: {
    en: ({ kind, subject, markdown }, { sender }) => ({
      subject,
      heading: subject,
      paragraphs: [],
      prose: markdown,
      action: { label: `Open ${sender}`, path: '/' },
      reason: kind === 'launch'
        ? `You get this mail because you agreed to news of offers and events at ${sender}.`
        : `You get this mail because you agreed to news of what is new in ${sender}.`,
    }),
    de: ({ kind, subject, markdown }, { sender }) => ({
      subject,
      heading: subject,
      paragraphs: [],
      prose: markdown,
      action: { label: `${sender} öffnen`, path: '/' },
      reason: kind === 'launch'
        ? `Sie bekommen diese Mail, weil Sie Nachrichten über Angebote und Veranstaltungen bei ${sender} zugestimmt haben.`
        : `Sie bekommen diese Mail, weil Sie Nachrichten über Neues in ${sender} zugestimmt haben.`,
    }),
  },
})
