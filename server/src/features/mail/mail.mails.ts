import { Type } from 'typebox'
import { defineMail } from '../../mail/define-mail.ts'

/** What an operator sends to try the settings. */
export const testMail = defineMail({
  name: 'mail.test',
  essential: true,
  data: {
    operator: Type.String(),
  },
  secrets: {},
  sample: {
    data: { operator: 'Olga Operator' },
    secrets: {},
  },
  words: {
    en: ({ operator }, { sender }) => ({
      subject: `Test mail of ${sender}`,
      heading: 'Mail works',
      paragraphs: ['This server can send mail to this address. There is nothing to do.'],
      facts: [
        ['Sent by', operator],
      ],
      reason: `You get this mail because ${operator} tries out the mail settings of ${sender}.`,
    }),
    de: ({ operator }, { sender }) => ({
      subject: `Testmail von ${sender}`,
      heading: 'Der Mailversand funktioniert',
      paragraphs: ['Dieser Server kann an diese Adresse Mails senden. Sie müssen nichts tun.'],
      facts: [
        ['Gesendet von', operator],
      ],
      reason: `Sie bekommen diese Mail, weil ${operator} die Mail-Einstellungen von ${sender} ausprobiert.`,
    }),
  },
})
