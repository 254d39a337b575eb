import type { Starters } from './policies.placeholders.ts'
import { placeholder } from './policies.placeholders.ts'
import { germanPrivacy } from './policies.starter.privacy.de.ts'

const review = `> ${placeholder('Jede Zeile lesen, ändern, was bei Ihnen anders ist, und diesen Hinweis entfernen')}
> Dieser Text ist ein Anfang und keine Rechtsberatung: Lassen Sie ihn prüfen, wenn Sie können.
`

const offered = {
  'self-hosted': `{{organisation}}, {{address}}, betreibt {{instance}} unter {{public-url}} für die eigene Arbeit, um mit denen, mit denen sie arbeitet, Dateien auszutauschen. Wer hier ein Konto hat, einen sicheren
Link öffnet oder Dateien einreicht, nutzt den Dienst unter diesen Bedingungen. Sie ersetzen keinen Vertrag, den wir mit Ihnen oder der Organisation haben, für die Sie
handeln: Wo beide verschieden sind, gilt der Vertrag.

Sie gelten nicht für Instanzen derselben Software, die andere betreiben.`,
  'hosted': `{{organisation}}, {{address}}, bietet {{instance}} unter {{public-url}} als Dienst für Organisationen (Kunden) an. Diese Bedingungen gelten zwischen uns und einem Kunden, und für alle, die den
Dienst für einen Kunden oder über einen sicheren Link nutzen. Wer einen Arbeitsbereich für eine Organisation anlegt, bestätigt, für sie handeln zu dürfen.

Sie gelten nicht für Instanzen derselben Software, die Kunden oder andere auf eigenen Servern betreiben.`,
}

const paid = {
  'self-hosted': `Wen wir einladen, den kostet der Dienst nichts, es sei denn, wir haben etwas anderes vereinbart.`,
  'hosted': `Was der Dienst kostet und für welche Zeit, hat der Kunde mit uns vereinbart: ${placeholder('Ihre Preise, Zahlungsbedingungen und Kündigungsfristen, oder wo sie zu finden sind')}`,
}

const rulesFor = {
  'self-hosted': 'Alle, die diese Instanz nutzen, halten sich an diese Regeln: unsere eigenen Leute, die wir einladen und die einen sicheren Link öffnen. Wir betreiben sie und achten darauf.',
  'hosted': 'Alle, die den Dienst nutzen, den wir betreiben, halten sich an diese Regeln. Kunden sorgen dafür, dass die Leute in ihren Arbeitsbereichen sie kennen. Für Instanzen, die andere auf eigenen Servern betreiben, gelten die Regeln derer, die sie betreiben.',
}

const listed = {
  'self-hosted': '{{organisation}} betreibt diese Instanz selbst. Wo dabei andere personenbezogene Daten für uns verarbeiten, stehen sie hier, mit dem, was sie tun, und wo.',
  'hosted': '{{organisation}} verarbeitet personenbezogene Daten für die eigenen Kunden. Wen wir dafür wiederum heranziehen (Unterauftragsverarbeiter), steht hier, mit dem, was sie tun, und wo. Das betrifft den Dienst, den wir betreiben, nicht Instanzen auf Servern anderer.',
}

const cookiesOf = {
  'self-hosted': 'Diese Seite handelt von den Seiten dieser Instanz, {{public-url}}, die {{organisation}} betreibt.',
  'hosted': 'Diese Seite handelt von den Seiten des Dienstes unter {{public-url}}, den {{organisation}} betreibt; nicht von Instanzen, die andere auf eigenen Servern betreiben.',
}

export const germanStarters: Starters = {
  'privacy': germanPrivacy,

  'terms': mode => ({
    title: 'Nutzungsbedingungen',
    highlights: [
      { title: 'Ihre Dateien bleiben Ihre', sentence: 'Wir bewahren sie auf und geben sie denen, mit denen Sie sie teilen; mehr beanspruchen wir nicht.' },
      { title: 'Ein Link öffnet für alle, die ihn haben', sentence: 'Senden Sie ihn nur an die, für die er gedacht ist, und geben Sie ihm ein Passwort und ein Ende, wo es darauf ankommt.' },
      { title: 'Rücksicht', sentence: 'Nichts Rechtswidriges, nichts, was anderen oder dem Dienst schadet.' },
    ],
    markdown: `${review}
## Wer wem was bietet

${offered[mode]}

## Ihr Konto

Machen Sie wahre Angaben, und behalten Sie für sich, womit Sie sich anmelden. Was von Ihrem Konto aus geschieht, gilt als von Ihnen getan, bis Sie uns gesagt haben, dass jemand anders es haben
könnte; tun Sie das sofort: {{contact}}

Konten gehören Personen: Teilen Sie keines. Wer eine Organisation verwaltet, kann den Zugang derer beenden, die für sie handeln.

## Ihre Dateien

Was Sie bringen, bleibt Ihres, oder wem es gehörte. Sie lassen es uns aufbewahren, für Sicherungen kopieren und so herausgeben, wie Sie und Ihre Administratoren es einstellen, und weiter nichts. Sie bestätigen,
dass Sie es bringen und teilen dürfen.

Was gelöscht wird, lässt sich wiederherstellen, solange es im Papierkorb liegt ({{retention.trash}}). Der Dienst ist kein Archiv: Behalten Sie eigene Kopien von dem, worauf Sie nicht verzichten können.

## Sichere Links

Ein sicherer Link öffnet für alle, die ihn haben, in den Grenzen, die er bekommen hat. Wer einen anlegt, ist dafür verantwortlich, wem er gesendet wird. Öffnen und Herunterladen werden festgehalten und denen
gezeigt, die den Link verwalten.

## Was nicht erlaubt ist

Was unsere Regeln zur zulässigen Nutzung verbieten. Kurz: nichts Rechtswidriges, nichts, was anderen schadet, kein Angriff auf den Dienst, kein Umgehen seiner Grenzen.

Wir können einen Link, eine Datei oder ein Konto sperren, die gegen diese Regeln verstoßen, soweit und solange es nötig ist, und sagen den Betroffenen, warum, wenn kein Gesetz es verbietet.

## Kosten

${paid[mode]}

::plans

## Personenbezogene Daten

Was wir erheben, warum und wie lange, sagt die Datenschutzerklärung.

## Verfügbarkeit und Haftung

${placeholder('Was Sie zu Verfügbarkeit und Unterstützung versprechen und wofür Sie haften, wie Ihr Recht es zulässt')}

## Das Ende

Sie können jederzeit aufhören, den Dienst zu nutzen. Beenden wir ihn oder Ihren Zugang, sagen wir es so früh, dass Sie Ihre Dateien holen können, es sei denn, Sie haben schwer gegen diese Bedingungen verstoßen. Nach
dem Ende werden Dateien gelöscht, wie die Datenschutzerklärung es sagt.

## Änderungen, Recht und Gerichte

Wir können diese Bedingungen aus gutem Grund ändern. Der Tag, ab dem eine Fassung gilt, steht oben; frühere Fassungen bleiben lesbar. Mitglieder erfahren von Änderungen, bevor sie
gelten.

Es gilt dieses Recht: {{jurisdiction}}. Rechte, die ein Gesetz Ihnen als Verbraucherin oder Verbraucher gibt und die keine Bedingungen nehmen können, bleiben.
`,
  }),

  'cookies': mode => ({
    title: 'Cookies',
    highlights: [
      { title: 'Was nötig ist, mehr nicht', sentence: 'Cookies halten Sie angemeldet und merken sich, welchen Link Sie geöffnet haben; sie verfolgen Sie nicht.' },
      { title: 'Keine Fremden', sentence: 'Die Seiten laden keine Skripte, Schriften oder Bilder von Werbenden oder sozialen Netzen.' },
    ],
    markdown: `${review}
## Worum es geht

${cookiesOf[mode]}

Ein Cookie ist ein kleines Stück Text, das eine Website in Ihrem Browser hinterlässt und bei jeder weiteren Anfrage zurückbekommt. Browser haben außerdem Speicher, den eine Seite selbst liest und der nicht
mitgesendet wird. Beides nutzen wir nur für das, worum Sie uns bitten.

## Was wir nutzen

::cookies

Sie sind nötig für das, was Sie wollten: Ohne sie könnte niemand angemeldet bleiben oder einen Link mit Passwort öffnen. Darum bitten wir Sie nicht um Ihre Einwilligung.

## Zählen von Besuchen

::analytics

## Was Sie tun können

Cookies und Speicher können Sie jederzeit in den Einstellungen Ihres Browsers löschen, und Sie können ihn anweisen, keine anzunehmen. Sie sind dann abgemeldet, was Sie auf diesem Gerät gewählt hatten, ist
vergessen, und ohne Cookies können Sie sich nicht anmelden.

Fragen: {{contact}}

## Änderungen

Kommt ein Cookie oder ein anderer Zweck hinzu, steht es hier; der Tag, ab dem diese Fassung gilt, steht oben.
`,
  }),

  'acceptable-use': mode => ({
    title: 'Zulässige Nutzung',
    highlights: [
      { title: 'Teilen, was Sie teilen dürfen', sentence: 'Ihre eigenen Dateien, und solche, die andere Ihnen dafür gegeben haben.' },
      { title: 'Andere in Ruhe lassen', sentence: 'Keine Schadsoftware, kein Betrug, keine Belästigung, kein Ausspähen.' },
      { title: 'Sagen Sie es uns', sentence: 'Wer einen Missbrauch sieht, kann ihn melden, mit und ohne Konto.' },
    ],
    markdown: `${review}
## Für wen diese Regeln sind

${rulesFor[mode]}

## Was hier nicht liegen oder geteilt werden darf

- Was gegen das Recht verstößt, vor allem Darstellungen des Missbrauchs von Kindern, Aufrufe zur Gewalt und was ein Gericht verboten hat.
- Was Rechte anderer verletzt: Werke, die Sie nicht teilen dürfen, Geschäftsgeheimnisse, personenbezogene Daten ohne ein Recht daran.
- Schadsoftware und alles, was zum Täuschen gemacht ist: falsche Anmeldeseiten, gefälschte Dokumente, Betrug.
- Was Menschen belästigt, bedroht oder bloßstellt.

## Was hier nicht getan werden darf

- Konto oder Link anderer ohne Erlaubnis nutzen, Passwörter raten, nach Wegen um Rechte herum suchen.
- Den Dienst angreifen oder überlasten, oder seine Sicherheit prüfen, ohne es mit uns vereinbart zu haben.
- E-Mails oder Links an Menschen senden, die nicht darum gebeten haben und nicht damit rechnen.
- Grenzen von Speicher, Downloads oder Konten umgehen, oder den Dienst als öffentliche Seite für Downloads nutzen.
- Ihn weiterverkaufen, wenn wir das nicht vereinbart haben.

## Wie man einen Missbrauch meldet

Sagen Sie uns, wo Sie ihn gefunden haben – am besten die Adresse des Links – und was daran falsch ist: {{contact}}

Wir sehen uns jede Meldung an, sagen der anderen Seite nicht, wer Sie sind, wenn wir es nicht müssen, und antworten Ihnen. Wer eine Schwachstelle des Dienstes findet und sie zuerst uns sagt, ohne Daten zu
nehmen, hat unseren Dank und von uns nichts zu befürchten.

## Was wir dagegen tun

Je nachdem, wie schwer es wiegt: um Berichtigung bitten, einen Link oder eine Datei sperren, ein Konto ruhen lassen, den Zugang beenden, Behörden unterrichten. Wir nehmen das mildeste Mittel, das hilft, sagen,
warum, und hören die Betroffenen, vorher, wo Zeit dafür ist. Wer meint, dass wir falsch liegen, kann um einen zweiten Blick bitten.
`,
  }),

  'imprint': () => ({
    title: 'Impressum',
    highlights: [],
    markdown: `${review}
## Anbieter

{{organisation}}

{{address}}

## Kontakt

::contact

${placeholder('Was Ihr Recht sonst noch verlangt: wer Sie vertritt, Telefon, Register und Nummer, Umsatzsteuer-ID, Aufsichtsbehörde, wer für den Inhalt verantwortlich ist; sonst diese Zeile entfernen')}

## Zu diesen Seiten

Dies ist {{instance}}, unter {{public-url}}.
`,
  }),

  'subprocessors': mode => ({
    title: 'Auftragsverarbeiter',
    highlights: [
      { title: 'Wer, was und wo', sentence: 'Alle, die für uns personenbezogene Daten verarbeiten, mit Aufgabe und Ort.' },
      { title: 'Vom laufenden Server gelesen', sentence: 'Wohin der Server selbst etwas sendet, steht darunter, wie er eingestellt ist.' },
    ],
    markdown: `${review}
## Was diese Liste ist

${listed[mode]}

Sie alle arbeiten unter einem Vertrag, der sie an unsere Weisungen, an Verschwiegenheit und an Schutzmaßnahmen bindet, und bekommen nur, was ihre Aufgabe braucht.

## Wer für uns arbeitet

::subprocessors

## Was der Server an andere Stellen sendet

::elsewhere

## Wenn sich die Liste ändert

Wir ändern diese Seite, bevor jemand Neues beginnt. Der Tag, ab dem diese Fassung gilt, steht oben, und frühere Fassungen bleiben lesbar. Wer Gründe gegen eine Änderung hat, kann sie uns
sagen: {{contact}}
`,
  }),

  'page': () => ({
    title: 'Neue Seite',
    highlights: [],
    markdown: `${placeholder('Hier Ihren Text schreiben')}

Fragen: {{contact}}
`,
  }),
}
