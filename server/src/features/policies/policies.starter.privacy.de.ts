import type { Starters } from './policies.placeholders.ts'
import { placeholder } from './policies.placeholders.ts'

const whom = {
  'self-hosted': `{{organisation}}, {{address}}, betreibt unter {{public-url}} die Instanz {{instance}} der Software ClientShare für die eigene Arbeit. Wir bestimmen, wofür sie genutzt wird,
haben sie in unserer eigenen Hand und sind für die personenbezogenen Daten darin verantwortlich (Verantwortlicher im Sinne der DSGVO).

Diese Erklärung gilt für diese eine Instanz: für alle, die hier ein Konto haben oder dazu eingeladen sind, für alle, die einen sicheren Link, eine Seite oder ein
Formular von uns öffnen, und für jeden Menschen, der in dem genannt wird, was hier liegt.

Sie gilt nicht dafür, was andere mit Dateien tun, sobald sie diese erhalten haben, nicht für Websites, auf die wir verweisen, und nicht für Instanzen derselben Software, die
andere Organisationen betreiben. Wer die Software herstellt, betreibt unsere Instanz nicht und erhält nichts aus ihr.`,
  'hosted': `{{organisation}}, {{address}}, bietet {{instance}} unter {{public-url}} als Dienst für andere Organisationen an, unsere Kunden. Diese Erklärung gilt für diesen Dienst:
für seine öffentlichen Seiten und Formulare, für Konten, für die Arbeitsbereiche, die wir für Kunden führen, und für alle, die darin einen sicheren Link öffnen.

Dabei haben wir zwei Rollen. Bei Konten, Anmeldungen, Fragen an uns, Sicherheit und, soweit es welche gibt, Zahlungen bestimmen wir, warum und wie Daten
genutzt werden: Dafür sind wir verantwortlich. Was die Leute eines Kunden in ihrem Arbeitsbereich ablegen – Dateien, deren Namen, die Menschen darin –, verarbeiten wir im Auftrag
dieses Kunden und nach seinen Weisungen. Verantwortlich dafür ist der Kunde: Wer dazu eine Frage hat, wendet sich zuerst an ihn, und wir helfen dabei.

Sie gilt nicht für Instanzen derselben Software, die Kunden oder andere auf eigenen Servern betreiben: Dort ist verantwortlich, wer sie betreibt, und wir erhalten nichts
aus ihnen. Ebenso wenig gilt sie dafür, was andere mit Dateien tun, sobald sie diese erhalten haben, oder für Websites, auf die wir verweisen.`,
}

const covered = {
  'self-hosted': 'Alle, die diese eine Instanz nutzen oder darin genannt werden. Wir betreiben sie selbst und stehen allein für sie ein.',
  'hosted': 'Alle, die den Dienst nutzen, den wir betreiben; nicht Instanzen, die Kunden oder andere auf eigenen Servern betreiben.',
}

export const germanPrivacy: Starters['privacy'] = mode => ({
  title: 'Datenschutzerklärung',
  highlights: [
    { title: 'Für wen sie gilt', sentence: covered[mode] },
    { title: 'Wie wir schützen', sentence: 'Alle sehen nur, was ihre Rolle oder ihr Link ihnen gibt, Passwörter lassen sich nicht zurücklesen, und was mit Dateien geschieht, wird festgehalten.' },
    { title: 'Ihre Fragen', sentence: 'Sie dürfen sehen, berichtigen, mitnehmen oder löschen lassen, was wir über Sie haben. Wie, steht hier.' },
  ],
  markdown: `> ${placeholder('Jede Zeile lesen, ändern, was bei Ihnen anders ist, und diesen Hinweis entfernen')}
> Dieser Text ist ein Anfang und keine Rechtsberatung. Er sagt, was die Software tut und was Sie geantwortet haben. Was Sie damit tun, warum Sie es dürfen
> und was Ihr Recht verlangt, wissen nur Sie: Lassen Sie ihn prüfen, wenn Sie können.

## Für wen diese Erklärung gilt

${whom[mode]}

Fragen zu dieser Erklärung: {{contact}}

${placeholder('Datenschutzbeauftragte oder Vertretung, mit Anschrift, falls es sie gibt; sonst diese Zeile entfernen')}

## Was wir erheben

Wir erheben, was der Dienst braucht, um zu funktionieren, und was Sie uns geben. Das meiste kommt von Ihnen selbst; manches von denen, die Sie einladen, etwas mit Ihnen
teilen oder Sie in einer Datei nennen.

### Kontakt- und Kontodaten

Ihr Name, Ihre E-Mail-Adresse, Ihre Sprache und, wenn Sie eines wählen, ein Bild. Womit Sie zeigen, dass Sie es sind: ein Passwort, von dem nur ein Hash aufbewahrt wird, zweite Faktoren, falls Sie
welche einrichten, oder das Wort eines anderen Anbieters für Sie.

::sign-in

Wenn Sie uns schreiben, haben wir, was Sie schreiben: Ihren Namen, Ihre Adresse, Ihre Firma, wenn Sie sie angeben, Ihre Nachricht, und unsere Antworten.

### Arbeitsbereiche, Dateien und was mit ihnen geschieht

Die Dateien, die Sie und andere hier ablegen, mit allen Versionen. Ihre Namen, Größen, Arten, Prüfsummen und Zeiten; die Namen von Arbeitsbereichen und Ordnern; die
Adressen von Portalen und sicheren Links, mit deren Einstellungen. Wer zu welchem Arbeitsbereich gehört, in welcher Rolle und mit welchen Rechten, und wer wen eingeladen
hat. Was Dateien enthalten, bewahren wir auf und geben es heraus; wir werten es nicht aus.

Was hier geschieht, wird zu einem Eintrag im Protokoll: wer wann was womit getan hat, von welcher IP-Adresse und mit welchem Browser. Dazu gehören jedes Öffnen eines sicheren
Links, jeder Download darüber und jeder abgewiesene Versuch.

### Technische Daten

Mit jeder Anfrage sagt uns Ihr Browser oder Programm Ihre IP-Adresse, was für ein Browser und Gerät es ist, die Zeit und was es haben möchte. Sitzungen und gescheiterte
Anmeldeversuche werden damit festgehalten. Im Protokoll des Servers selbst stehen Zeit, IP-Adresse, Art der Anfrage und ihr Ergebnis, aber keine Geheimnisse von
Links; wir bewahren es so lange auf: ${placeholder('Wie lange die Ausgabe des Servers aufbewahrt wird')}.

Diese Cookies und dieser Speicher in Ihrem Browser werden genutzt:

::cookies

### Zahlungen

::plans

### Alles zusammen, nach Art

::personal-data

## Wozu wir es nutzen

- Um den Dienst zu leisten: Dateien aufbewahren, sie denen geben, die sie haben dürfen, Abgebrochenes fortsetzen.
- Um ihn zu erhalten und zu verbessern: Fehler finden, ihn schneller machen, sehen, was verbraucht wird.
- Um Arbeitsbereiche, Menschen, Rollen, sichere Links und Benachrichtigungen zu verwalten, wie Mitglieder und Administratoren es einstellen.
- Um Ihnen zu antworten, wenn Sie fragen, und zu helfen, wenn etwas nicht geht.
- Um ihn sicher zu halten: Missbrauch bemerken und verhindern, Raten verlangsamen, herausfinden, was geschehen ist, und belegen, was wem zugestellt wurde.
- Um zu tun, was das Recht von uns verlangt, und unsere Bedingungen durchzusetzen.
- Um Ihnen zu schreiben: was Sie über Ihr Konto, dessen Sicherheit und den Dienst wissen müssen; Rechnungen, soweit es welche gibt; was in Ihren Arbeitsbereichen geschieht, wie
  Sie es wählen; Neues von einem Start oder vom Produkt nur, wenn Sie dieser Art von Neuigkeiten zugestimmt haben.

Keine Entscheidung über Sie trifft eine Maschine allein, und nichts hier dient der Werbung.

### Warum wir es dürfen

${placeholder('Diese Rechtsgrundlagen nach der DSGVO mit Ihrer eigenen Lage und Ihrem Recht vergleichen')}

- Konten, Arbeitsbereiche, Dateien und Links: ein Vertrag mit Ihnen, oder unser berechtigtes Interesse, mit der Organisation zu arbeiten, für die Sie handeln
  (Art. 6 Abs. 1 lit. b und f DSGVO).
- Fragen und Anfragen nach Zugang: Schritte vor einem Vertrag, um die Sie bitten, oder unser berechtigtes Interesse, Ihnen zu antworten (Art. 6 Abs. 1 lit. b und f).
- Sitzungen, das Protokoll, gescheiterte Versuche: unser berechtigtes Interesse an einem sicheren Dienst und an Belegen, und unsere Pflicht, Daten zu schützen
  (Art. 6 Abs. 1 lit. f und Art. 32).
- Was das Recht uns aufbewahren oder mitteilen lässt: eine rechtliche Verpflichtung (Art. 6 Abs. 1 lit. c).
- Neuigkeiten und alles, dem Sie sonst zustimmen: Ihre Einwilligung, die Sie jederzeit widerrufen können (Art. 6 Abs. 1 lit. a).

### Zählen von Besuchen

::analytics

## Wem wir es geben

Wir verkaufen personenbezogene Daten nicht und vermieten sie nicht.

**Innerhalb des Dienstes.** Mitglieder eines Arbeitsbereichs sehen, was ihre Rolle sie sehen lässt, und wer es getan hat. Wem er gehört und wer ihn verwaltet, kann sein
Protokoll lesen. Wer einen sicheren Link hat, sieht, was er teilt. Diejenigen von uns, die den Dienst betreiben, kommen technisch an alles, was er aufbewahrt, und nutzen das nur dafür.

**An Dienstleister.** Andere verarbeiten Daten für uns, wo wir es sagen, etwa für Hosting, E-Mail, Analyse, Zahlungen oder Sicherungen: unter einem Vertrag, nach unseren Weisungen
und nur, soweit ihre Aufgabe es braucht.

::subprocessors

Was der Server selbst an andere Stellen sendet:

::elsewhere

**Für Recht und Schutz.** Wir geben Daten heraus, wenn ein Gesetz, ein Gericht oder eine Behörde uns dazu verpflichtet und wo es nötig ist, um Menschen, Rechte oder den
Dienst zu schützen. Wo wir dürfen, sagen wir es den Betroffenen vorher.

**Wenn die Organisation sich ändert.** Bei einer Finanzierung, einem Zusammenschluss, einem Verkauf oder einer Insolvenz können Daten an die Beteiligten gehen, soweit es nötig ist und
nach dieser Erklärung. Bevor jemand anders für sie verantwortlich wird, sagen wir es Ihnen.

${placeholder('Ob Daten Ihr Land oder den EWR verlassen, wohin, und was sie dort schützt (etwa Standardvertragsklauseln); sonst diese Zeile entfernen')}

## Wie lange wir es aufbewahren

Jede Art von Daten hat ihre Zeit. Ist sie um, löscht der Server sie von selbst:

::retention

**Papierkorb und Arbeitsbereiche.** Was gelöscht wird, kommt in den Papierkorb und lässt sich dort wiederherstellen; so lange bleibt es dort: {{retention.trash}}. Danach, oder wenn jemand es endgültig löscht,
ist die Datei aus dem Dienst verschwunden. Solange ein Arbeitsbereich besteht, bleiben seine Dateien, so lange seine Mitglieder es wollen; wird er gelöscht, gehen auch sie.

**Sicherungen.**

::backups

**Vertrag und Recht.** Manche Daten bewahren wir länger auf, wo ein Gesetz es verlangt, etwa für Buchhaltung und Steuern, wo ein Vertrag uns verpflichtet oder bis ein Streit
beigelegt ist; dann nur, was dafür nötig ist.

## Wie wir es schützen

- Jeder Mensch hat die Rechte seiner Rolle, Ordner für Ordner; ein sicherer Link kann ein Passwort, ein Ende und eine Höchstzahl von Downloads haben.
- Passwörter werden als Argon2id-Hashes aufbewahrt, die Geheimnisse von Sitzungen und Zugangsschlüsseln als Hashes, und was wieder lesbar werden muss, verschlüsselt.
- Sie können einen zweiten Faktor einrichten. Eine Sitzung endet, wenn sie so lange nicht genutzt wurde: {{session.idle}}. In Ihrem Konto sehen Sie Ihre Sitzungen und können jede beenden.
- Die Seiten des Dienstes führen nur Skripte dieses Servers aus, und solche von dort, wo Besuche gezählt werden, falls oben ein solcher Ort genannt ist.
- Was geschieht, steht in einem Protokoll, dessen Zeilen miteinander verkettet sind, so dass eine spätere Änderung auffällt.

Kein Dienst ist gegen alles sicher. Geschieht mit Ihren Daten etwas, das Sie gefährdet, sagen wir es Ihnen und den Behörden, wie das Recht es verlangt. Finden Sie eine Schwachstelle, sagen
Sie es uns bitte.

## Ihre Wahl und Ihre Rechte

**Sehen und berichtigen.** Ihren Namen, Ihre Adresse, Ihr Bild und Ihre Sprache ändern Sie in Ihrem Konto. Nach allem anderen, was wir über Sie haben, fragen Sie uns.

**Mitnehmen und löschen.** Sie können eine Kopie Ihrer Daten in einer Form verlangen, die Programme lesen können, und dass sie gelöscht werden. Manches müssen wir als Beleg oder von Rechts wegen
behalten; wir sagen dann, was und warum.

**Was Administratoren entscheiden.** Wer zu einem Arbeitsbereich gehört, was er teilt und was darin gelöscht wird, entscheiden die, denen er gehört und die ihn verwalten. Zu dem, was ein
Arbeitsbereich enthält, fragen Sie zuerst sie.

**E-Mails.** In Ihrem Konto wählen Sie, worüber Sie benachrichtigt werden, und jede E-Mail, die nicht nötig ist, hat einen Link, der ihre Art abbestellt. E-Mails über die Sicherheit Ihres Kontos und
den Dienst selbst lassen sich nicht abbestellen, solange Sie ein Konto haben.

**Widersprechen und widerrufen.** Sie können einer Nutzung widersprechen, die auf unseren Interessen beruht, sie einschränken lassen und eine Einwilligung für die Zukunft widerrufen.

**Wie Sie fragen.** Wir antworten innerhalb eines Monats und bitten Sie vielleicht zu zeigen, wer Sie sind.

::contact

**Wo Sie sich beschweren.** Sie können sich an eine Datenschutzbehörde wenden, wo Sie leben, oder an die, die für uns zuständig ist: {{authority}}. Für uns gilt dieses Recht: {{jurisdiction}}.

## Änderungen dieser Erklärung

Der Tag, ab dem diese Fassung gilt, steht oben; frühere Fassungen bleiben darunter lesbar. Ändern wir etwas, das für Sie zählt, erfahren es Mitglieder, bevor oder sobald es gilt,
und in einem Satz, was neu ist.
`,
})
