import type { MailLanguage } from '../../mail/define-mail.ts'
import * as actions from '../audit/audit.actions.ts'

interface Told { type: string, count: number, actor: string, subject: string, place: string, workspace: string, isAboutYou: boolean }
type Sentences = Record<string, (told: Told) => string>

const english: Sentences = {
  [actions.fileUploaded.action]: ({ actor, count, subject, place }) => `${actor} uploaded ${count > 1
    ? `${count} files`
    : subject}${place && ` to ${place}`}`,
  [actions.fileVersionAdded.action]: ({ actor, count, subject, place }) => `${actor} uploaded ${count > 1
    ? `${count} new versions of files`
    : `a new version of ${subject}`}${place && ` in ${place}`}`,
  [actions.itemTrashed.action]: ({ actor, count, subject, place }) => `${actor} moved ${count > 1
    ? `${count} of your files and folders`
    : subject}${place && ` from ${place}`} to the trash`,
  [actions.linkOpened.action]: ({ actor, count, subject }) => `${actor} opened your link ${subject}${count > 1
    ? ` ${count} times`
    : ''}`,
  [actions.linkDownloaded.action]: ({ actor, count, subject }) => `${actor} downloaded by your link ${subject}${count > 1
    ? ` ${count} times`
    : ''}`,
  [actions.linkRefused.action]: ({ actor, count, subject }) => `${actor} was refused${count > 1
    ? ` ${count} times`
    : ''} at your link ${subject}`,
  [actions.invitationAccepted.action]: ({ actor, workspace }) => `${actor} accepted an invitation to ${workspace}`,
  [actions.memberRoleChanged.action]: ({ actor, subject, workspace, isAboutYou }) => `${actor} changed ${isAboutYou
    ? 'your role'
    : `the role of ${subject}`} in ${workspace}`,
  [actions.memberEnded.action]: ({ actor, subject, workspace, isAboutYou }) => (isAboutYou
    ? `${actor} ended your membership in ${workspace}`
    : `${actor} removed ${subject} from ${workspace}`),
  [actions.requestReceived.action]: ({ count }) => (count > 1
    ? `${count} requests came in`
    : 'A request came in'),
  [actions.policyPublished.action]: ({ actor, subject }) => `${actor} published a new version of ${subject}`,
  [actions.sessionStarted.action]: () => 'A sign-in to your account from a new device',
  [actions.userPasswordChanged.action]: () => 'The password of your account was changed',
  [actions.userPasswordReset.action]: () => 'A new password was set for your account',
  [actions.userFactorAdded.action]: () => 'A second factor was set up for your account',
  [actions.userFactorRemoved.action]: () => 'A second factor was removed from your account',
  [actions.userFactorsReset.action]: () => 'The second factors of your account were reset',
  [actions.userSignInConnected.action]: () => 'Another way to sign in was connected with your account',
  [actions.userSignInDisconnected.action]: () => 'A way to sign in was disconnected from your account',
  [actions.userRecoveryCodeUsed.action]: () => 'A recovery code of your account was used',
  [actions.tokenCreated.action]: () => 'An access token was made for your account',
  [actions.userEmailChanged.action]: () => 'The e-mail address of your account was changed',
}

const german: Sentences = {
  [actions.fileUploaded.action]: ({ actor, count, subject, place }) => `${actor} hat ${count > 1
    ? `${count} Dateien`
    : subject}${place && ` in ${place}`} hochgeladen`,
  [actions.fileVersionAdded.action]: ({ actor, count, subject, place }) => `${actor} hat ${count > 1
    ? `${count} neue Versionen von Dateien`
    : `eine neue Version von ${subject}`}${place && ` in ${place}`} hochgeladen`,
  [actions.itemTrashed.action]: ({ actor, count, subject, place }) => `${actor} hat ${count > 1
    ? `${count} Ihrer Dateien und Ordner`
    : subject}${place && ` aus ${place}`} in den Papierkorb verschoben`,
  [actions.linkOpened.action]: ({ actor, count, subject }) => `${actor} hat Ihren Link ${subject} ${count > 1
    ? `${count}-mal geöffnet`
    : 'geöffnet'}`,
  [actions.linkDownloaded.action]: ({ actor, count, subject }) => `${actor} hat ${count > 1
    ? `${count}-mal `
    : ''}über Ihren Link ${subject} heruntergeladen`,
  [actions.linkRefused.action]: ({ actor, count, subject }) => `${actor} wurde ${count > 1
    ? `${count}-mal `
    : ''}bei Ihrem Link ${subject} abgewiesen`,
  [actions.invitationAccepted.action]: ({ actor, workspace }) => `${actor} hat eine Einladung zu ${workspace} angenommen`,
  [actions.memberRoleChanged.action]: ({ actor, subject, workspace, isAboutYou }) => `${actor} hat ${isAboutYou
    ? 'Ihre Rolle'
    : `die Rolle von ${subject}`} in ${workspace} geändert`,
  [actions.memberEnded.action]: ({ actor, subject, workspace, isAboutYou }) => (isAboutYou
    ? `${actor} hat Ihre Mitgliedschaft in ${workspace} beendet`
    : `${actor} hat ${subject} aus ${workspace} entfernt`),
  [actions.requestReceived.action]: ({ count }) => (count > 1
    ? `${count} Anfragen sind eingegangen`
    : 'Eine Anfrage ist eingegangen'),
  [actions.policyPublished.action]: ({ actor, subject }) => `${actor} hat eine neue Version von ${subject} veröffentlicht`,
  [actions.sessionStarted.action]: () => 'Eine Anmeldung bei Ihrem Konto von einem neuen Gerät',
  [actions.userPasswordChanged.action]: () => 'Das Passwort Ihres Kontos wurde geändert',
  [actions.userPasswordReset.action]: () => 'Für Ihr Konto wurde ein neues Passwort gesetzt',
  [actions.userFactorAdded.action]: () => 'Für Ihr Konto wurde ein zweiter Faktor eingerichtet',
  [actions.userFactorRemoved.action]: () => 'Ein zweiter Faktor Ihres Kontos wurde entfernt',
  [actions.userFactorsReset.action]: () => 'Die zweiten Faktoren Ihres Kontos wurden zurückgesetzt',
  [actions.userSignInConnected.action]: () => 'Mit Ihrem Konto wurde ein weiterer Weg zur Anmeldung verbunden',
  [actions.userSignInDisconnected.action]: () => 'Von Ihrem Konto wurde ein Weg zur Anmeldung getrennt',
  [actions.userRecoveryCodeUsed.action]: () => 'Ein Wiederherstellungscode Ihres Kontos wurde benutzt',
  [actions.tokenCreated.action]: () => 'Für Ihr Konto wurde ein Zugriffstoken erstellt',
  [actions.userEmailChanged.action]: () => 'Die E-Mail-Adresse Ihres Kontos wurde geändert',
}

/** What happened, without a full stop, in words for the subject of a mail too. @throws {Error} for a type without words */
export const mailSentences: Record<MailLanguage, (told: Told) => string> = {
  en: told => say(english, told, 'Somebody'),
  de: told => say(german, told, 'Jemand'),
}

function say(sentences: Sentences, told: Told, somebody: string): string {
  const sentence = sentences[told.type]
  if (!sentence) throw new Error(`No mail tells of ${told.type}`)
  return sentence({
    ...told,
    actor: told.actor || somebody,
  })
}
