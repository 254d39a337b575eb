import type { MailLanguage } from '../../mail/define-mail.ts'
import * as actions from '../audit/audit.actions.ts'

interface Told { type: string, count: number, actor: string, subject: string, place: string, workspace: string, isAboutYou: boolean, amount?: number }
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
  [actions.linkExpiring.action]: ({ subject }) => `Your link ${subject} expires soon`,
  [actions.linkExpired.action]: ({ subject }) => `Your link ${subject} has expired`,
  [actions.workspaceStorageFilled.action]: ({ workspace, amount }) => `${amount} % of the storage of ${workspace} is used`,
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
  [actions.requestWrittenTo.action]: ({ count }) => (count > 1
    ? `${count} messages came in to requests`
    : 'A message came in to a request'),
  [actions.requestOverdue.action]: ({ count }) => (count > 1
    ? `${count} privacy requests are overdue`
    : 'A privacy request is overdue'),
  [actions.workspaceSecondFactorAsked.action]: ({ workspace }) => `${workspace} asks you for a second factor when you sign in`,
  [actions.policyPublished.action]: ({ actor, subject }) => `${actor} published a new version of ${subject}`,
  [actions.policyDrifted.action]: ({ subject }) => `What ${subject} says of this server is no longer so`,
  [actions.watchLinkRefusals.action]: ({ subject, amount }) => `Visitors were refused at the link ${subject} ${amount} times within an hour`,
  [actions.watchDownloads.action]: ({ subject, amount, isAboutYou }) => `${isAboutYou
    ? 'Your account'
    : subject} downloaded ${amount} files within an hour`,
  [actions.watchDeletions.action]: ({ subject, amount, isAboutYou }) => `${isAboutYou
    ? 'Your account'
    : subject} deleted ${amount} files within an hour`,
  [actions.watchNetwork.action]: ({ subject, isAboutYou }) => `${isAboutYou
    ? 'You'
    : subject}, who can manage the workspace, signed in from a network that is new`,
  [actions.watchAccountRefusals.action]: ({ subject, amount }) => `Sign-ins to the account of ${subject} were refused ${amount} times within an hour`,
  [actions.watchOperatorNetwork.action]: ({ subject, isAboutYou }) => `${isAboutYou
    ? 'You'
    : subject}, who operate${isAboutYou
    ? ''
    : 's'} this server, signed in from a network that is new`,
  [actions.sessionStarted.action]: () => 'A sign-in to your account from a new device',
  [actions.sessionRefused.action]: ({ count }) => (count > 1
    ? `${count} sign-ins to your account ended without the second factor`
    : 'A sign-in to your account ended without the second factor'),
  [actions.userPasswordChanged.action]: () => 'The password of your account was changed',
  [actions.userPasswordReset.action]: () => 'A new password was set for your account',
  [actions.userFactorAdded.action]: () => 'A second factor was set up for your account',
  [actions.userFactorRemoved.action]: () => 'A second factor was removed from your account',
  [actions.userFactorsReset.action]: () => 'An operator of this server reset the second factors of your account',
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
  [actions.linkExpiring.action]: ({ subject }) => `Ihr Link ${subject} läuft bald ab`,
  [actions.linkExpired.action]: ({ subject }) => `Ihr Link ${subject} ist abgelaufen`,
  [actions.workspaceStorageFilled.action]: ({ workspace, amount }) => `${amount} % des Speichers von ${workspace} sind belegt`,
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
  [actions.requestWrittenTo.action]: ({ count }) => (count > 1
    ? `${count} Nachrichten zu Anfragen sind eingegangen`
    : 'Eine Nachricht zu einer Anfrage ist eingegangen'),
  [actions.requestOverdue.action]: ({ count }) => (count > 1
    ? `${count} Datenschutzanfragen sind überfällig`
    : 'Eine Datenschutzanfrage ist überfällig'),
  [actions.workspaceSecondFactorAsked.action]: ({ workspace }) => `${workspace} verlangt von Ihnen beim Anmelden einen zweiten Faktor`,
  [actions.policyPublished.action]: ({ actor, subject }) => `${actor} hat eine neue Version von ${subject} veröffentlicht`,
  [actions.policyDrifted.action]: ({ subject }) => `Was ${subject} über diesen Server sagt, stimmt nicht mehr`,
  [actions.watchLinkRefusals.action]: ({ subject, amount }) => `Beim Link ${subject} wurden Besucher in einer Stunde ${amount}-mal abgewiesen`,
  [actions.watchDownloads.action]: ({ subject, amount, isAboutYou }) => `${isAboutYou
    ? 'Ihr Konto'
    : subject} hat in einer Stunde ${amount} Dateien heruntergeladen`,
  [actions.watchDeletions.action]: ({ subject, amount, isAboutYou }) => `${isAboutYou
    ? 'Ihr Konto'
    : subject} hat in einer Stunde ${amount} Dateien gelöscht`,
  [actions.watchNetwork.action]: ({ subject, isAboutYou }) => (isAboutYou
    ? 'Sie haben sich aus einem neuen Netz angemeldet und können den Arbeitsbereich verwalten'
    : `${subject} kann den Arbeitsbereich verwalten und hat sich aus einem neuen Netz angemeldet`),
  [actions.watchAccountRefusals.action]: ({ subject, amount }) => `Beim Konto von ${subject} wurden Anmeldungen in einer Stunde ${amount}-mal abgewiesen`,
  [actions.watchOperatorNetwork.action]: ({ subject, isAboutYou }) => (isAboutYou
    ? 'Sie haben sich aus einem neuen Netz angemeldet und betreiben diesen Server'
    : `${subject} betreibt diesen Server und hat sich aus einem neuen Netz angemeldet`),
  [actions.sessionStarted.action]: () => 'Eine Anmeldung bei Ihrem Konto von einem neuen Gerät',
  [actions.sessionRefused.action]: ({ count }) => (count > 1
    ? `${count} Anmeldungen bei Ihrem Konto blieben ohne zweiten Faktor`
    : 'Eine Anmeldung bei Ihrem Konto blieb ohne zweiten Faktor'),
  [actions.userPasswordChanged.action]: () => 'Das Passwort Ihres Kontos wurde geändert',
  [actions.userPasswordReset.action]: () => 'Für Ihr Konto wurde ein neues Passwort gesetzt',
  [actions.userFactorAdded.action]: () => 'Für Ihr Konto wurde ein zweiter Faktor eingerichtet',
  [actions.userFactorRemoved.action]: () => 'Ein zweiter Faktor Ihres Kontos wurde entfernt',
  [actions.userFactorsReset.action]: () => 'Die zweiten Faktoren Ihres Kontos hat ein Betreiber dieses Servers zurückgesetzt',
  [actions.userSignInConnected.action]: () => 'Mit Ihrem Konto wurde ein weiterer Weg zur Anmeldung verbunden',
  [actions.userSignInDisconnected.action]: () => 'Von Ihrem Konto wurde ein Weg zur Anmeldung getrennt',
  [actions.userRecoveryCodeUsed.action]: () => 'Ein Notfallcode Ihres Kontos wurde benutzt',
  [actions.tokenCreated.action]: () => 'Für Ihr Konto wurde ein Zugriffstoken erstellt',
  [actions.userEmailChanged.action]: () => 'Die E-Mail-Adresse Ihres Kontos wurde geändert',
}

/** What to do about an alert, for whose account it is about. */
export const ownAdvice: Record<MailLanguage, string> = {
  en: 'If that was not you, end the other sessions on the page of your account, and change the password by which you sign in: the one here, your provider’s, or, if you sign in with codes by mail, your mailbox’s.',
  de: 'Wenn Sie das nicht waren, beenden Sie die anderen Sitzungen auf der Seite Ihres Kontos und ändern Sie das Passwort, mit dem Sie sich anmelden: das hier, das bei Ihrem Anbieter oder, wenn Sie sich mit Codes per E-Mail anmelden, das Ihres Postfachs.',
}

/** What to do about it, in a mail that tells of one thing. */
export const mailAdvice: Record<MailLanguage, Record<string, string[] | undefined>> = {
  en: {
    [actions.linkExpiring.action]: ['Whoever needs it longer needs another expiry: you set it on the link’s page.'],
    [actions.policyDrifted.action]: ['Readers are shown what is so now. A new version is prepared in the editor: read it and publish it.'],
    [actions.workspaceStorageFilled.action]: ['When nothing is left, uploads are refused. Delete for ever what nobody needs, the trash included, or ask whoever runs this server for more.'],
    [actions.watchLinkRefusals.action]: ['Somebody may be guessing its password, or it went to more people than it was meant for. If nobody can say why, revoke the link on its page.'],
    [actions.watchDownloads.action]: ['If nobody can say why, end the membership on the page of members, and ask whoever runs this server to end the account’s sessions.'],
    [actions.watchDeletions.action]: ['What was moved to the trash can be restored there. If nobody can say why, end the membership on the page of members, and ask whoever runs this server to end the account’s sessions.'],
    [actions.watchNetwork.action]: ['If they are not travelling, ask them. If it was not they, end the membership on the page of members; they end their sessions on the page of their account.'],
    [actions.watchAccountRefusals.action]: ['Guessing is slowed down by itself. If somebody got in, end the account’s sessions on the page of people, and send its person a link to a new password.'],
    [actions.watchOperatorNetwork.action]: ['If they are not travelling, ask them. If it was not they, end their sessions on the page of people.'],
  },
  de: {
    [actions.linkExpiring.action]: ['Wer ihn länger braucht, braucht ein anderes Ablaufdatum: Sie setzen es auf der Seite des Links.'],
    [actions.policyDrifted.action]: ['Leser sehen, was jetzt gilt. Eine neue Version liegt im Editor bereit: lesen und veröffentlichen Sie sie.'],
    [actions.workspaceStorageFilled.action]: ['Ist nichts mehr frei, wird nichts mehr hochgeladen. Löschen Sie endgültig, was niemand braucht, auch aus dem Papierkorb, oder bitten Sie den Betreiber dieses Servers um mehr.'],
    [actions.watchLinkRefusals.action]: ['Vielleicht errät jemand das Passwort, oder der Link ging an mehr Leute als gedacht. Weiß niemand, warum, widerrufen Sie ihn auf seiner Seite.'],
    [actions.watchDownloads.action]: ['Weiß niemand, warum, beenden Sie die Mitgliedschaft auf der Seite der Mitglieder und bitten Sie den Betreiber dieses Servers, die Sitzungen des Kontos zu beenden.'],
    [actions.watchDeletions.action]: ['Was in den Papierkorb kam, lässt sich dort wiederherstellen. Weiß niemand, warum, beenden Sie die Mitgliedschaft auf der Seite der Mitglieder und bitten Sie den Betreiber dieses Servers, die Sitzungen des Kontos zu beenden.'],
    [actions.watchNetwork.action]: ['Wenn die Person nicht unterwegs ist, fragen Sie sie. War es jemand anderes, beenden Sie die Mitgliedschaft auf der Seite der Mitglieder; die eigenen Sitzungen beendet jeder auf der Seite seines Kontos.'],
    [actions.watchAccountRefusals.action]: ['Raten wird von selbst gebremst. Kam jemand hinein, beenden Sie die Sitzungen des Kontos auf der Seite der Personen und schicken Sie der Person einen Link zu einem neuen Passwort.'],
    [actions.watchOperatorNetwork.action]: ['Wenn die Person nicht unterwegs ist, fragen Sie sie. War es jemand anderes, beenden Sie ihre Sitzungen auf der Seite der Personen.'],
  },
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
