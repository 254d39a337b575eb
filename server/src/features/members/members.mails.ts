import { Type } from 'typebox'
import { Instant, Literals } from '../../http/schemas.ts'
import { defineMail } from '../../mail/define-mail.ts'

/** To whoever is invited to a workspace. */
export const invitationMail = defineMail({
  name: 'members.invitation',
  essential: true,
  data: {
    workspace: Type.String(),
    inviter: Type.String(),
    role: Literals('owner', 'admin', 'staff', 'client'),
    email: Type.String(),
    expiresAt: Instant,
  },
  secrets: {
    token: Type.String(),
  },
  sample: {
    data: {
      workspace: 'Borealis',
      inviter: 'Jonas Meyer',
      role: 'staff',
      email: 'anna.schmidt@example.com',
      expiresAt: '2027-03-01T12:00:00.000Z',
    },
    secrets: { token: 'example' },
  },
  words: {
    en: ({ workspace, inviter, role, email, expiresAt, token }, { when }) => ({
      subject: `${inviter} invites you to “${workspace}”`,
      heading: `${inviter} invites you to “${workspace}”`,
      paragraphs: [
        role === 'client'
          ? 'Accept the invitation to exchange files there. If you have no account yet, you make one with it, without a password: afterwards you sign in with a code that comes to this address.'
          : 'Accept the invitation to work on files together there. If you have no account yet, you make one with it.',
      ],
      action: { label: 'Accept the invitation', path: `/invite/${token}` },
      facts: [
        ['Workspace', workspace],
        ['Your role', {
          owner: 'Owner',
          admin: 'Admin',
          staff: 'Staff',
          client: 'Client',
        }[role]],
        ['For', email],
        [
          'Open until',
          when(expiresAt),
        ],
      ],
      reason: `You get this mail because ${inviter} entered your address. If you do not expect it, do nothing: nobody joins without accepting, and you get no more mail.`,
    }),
    de: ({ workspace, inviter, role, email, expiresAt, token }, { when }) => ({
      subject: `${inviter} lädt Sie zu „${workspace}“ ein`,
      heading: `${inviter} lädt Sie zu „${workspace}“ ein`,
      paragraphs: [
        role === 'client'
          ? 'Nehmen Sie die Einladung an, um dort Dateien auszutauschen. Wenn Sie noch kein Konto haben, legen Sie es dabei an, ohne Passwort: Danach melden Sie sich mit einem Code an, der an diese Adresse kommt.'
          : 'Nehmen Sie die Einladung an, um dort gemeinsam mit Dateien zu arbeiten. Wenn Sie noch kein Konto haben, legen Sie es dabei an.',
      ],
      action: { label: 'Einladung annehmen', path: `/invite/${token}` },
      facts: [
        ['Arbeitsbereich', workspace],
        ['Ihre Rolle', {
          owner: 'Eigentümer',
          admin: 'Admin',
          staff: 'Team',
          client: 'Kunde',
        }[role]],
        ['Für', email],
        [
          'Gilt bis',
          when(expiresAt),
        ],
      ],
      reason: `Sie bekommen diese Mail, weil ${inviter} Ihre Adresse eingegeben hat. Wenn Sie sie nicht erwarten, tun Sie nichts: Ohne Annahme tritt niemand bei, und es kommt keine weitere Mail.`,
    }),
  },
})
