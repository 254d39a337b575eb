import { defineRetention } from '../retention/define-retention.ts'
import { deleteOld, eraseUseless } from './mails.queries.ts'

export const mailsKept = defineRetention({
  name: 'mails',
  tables: ['mails', 'mail_attempts'],
  days: {
    default: 90,
    minimum: 7,
    maximum: 3650,
    mayBeForEver: false,
  },
  what: {
    en: 'Mails that were sent or given up: address, subject, names in it, answers of the mail server',
    de: 'Gesendete oder aufgegebene E-Mails: Adresse, Betreff, Namen darin, Antworten des Mailservers',
    fr: 'E-mails envoyés ou abandonnés : adresse, objet, noms cités, réponses du serveur de messagerie',
    es: 'Correos enviados o abandonados: dirección, asunto, nombres que contienen, respuestas del servidor de correo',
  },
  since: {
    en: 'the writing of the mail',
    de: 'Entstehen der E-Mail',
    fr: 'la rédaction de l’e-mail',
    es: 'la redacción del correo',
  },
  purge: (tx, { before }) => deleteOld(tx, before),
})

export const mailSecrets = defineRetention({
  name: 'mail-secrets',
  tables: ['mails'],
  keeps: { hours: 1 },
  what: {
    en: 'Links in mails that open something, encrypted',
    de: 'Links in E-Mails, die etwas öffnen, verschlüsselt',
    fr: 'Liens contenus dans les e-mails et qui ouvrent quelque chose, chiffrés',
    es: 'Enlaces de los correos que abren algo, cifrados',
  },
  since: {
    en: 'the end of what they open, at most',
    de: 'Ende dessen, was sie öffnen, höchstens',
    fr: 'la fin de ce qu’ils ouvrent, au plus',
    es: 'el fin de lo que abren, como máximo',
  },
  why: {
    en: 'They are good for nothing any more.',
    de: 'Sie sind zu nichts mehr gut.',
    fr: 'Ils ne servent plus à rien.',
    es: 'Ya no sirven para nada.',
  },
  purge: async (tx, { now }) => {
    await eraseUseless(tx, now)
    return false
  },
})
