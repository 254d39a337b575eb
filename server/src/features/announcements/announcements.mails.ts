import { Type } from 'typebox'
import { Literals } from '../../http/schemas.ts'
import { defineMail } from '../../mail/define-mail.ts'

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
