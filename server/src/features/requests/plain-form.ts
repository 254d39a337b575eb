import type { MailLanguage } from '../../mail/define-mail.ts'
import type { PendingPolicy } from '../acceptances/acceptances.schemas.ts'
import type { PlainProblem } from './request-intake.ts'
import type { PlainRequestInput } from './requests.schemas.ts'
import { privacyRights, requestKinds } from './requests.policy.ts'

const words = {
  en: {
    title: 'Contact',
    intro: (name: string) => `Write to those who run ${name}.`,
    sent: (reference: string) => `Thank you. Your request is ${reference}. Where this server sends mail, a message is on its way: open the link in it, or nobody reads the request.`,
    another: 'Write another one',
    kind: 'What it is about',
    kinds: {
      access: 'I would like access',
      onboarding: 'Getting started',
      question: 'A question about the product',
      support: 'I need help',
      privacy: 'Privacy: my data',
    },
    right: 'For privacy: what you want',
    rights: {
      access: 'See my data',
      correction: 'Correct it',
      export: 'Get a copy',
      deletion: 'Have it deleted',
      objection: 'Object to its use',
    },
    name: 'Name',
    email: 'E-mail address',
    company: 'Company (optional)',
    message: 'Message',
    consent: 'I have read',
    agree: 'I agree to',
    notForPrivacy: '(a privacy request does not need it)',
    launch: 'Write to me about new offers and events',
    product: 'Write to me about what is new in the product',
    website: 'Leave this empty',
    send: 'Send',
    wrong: 'It was not sent:',
    changed: 'What you agree to has changed since you opened this page. Read it and tick it again.',
    disagreed: 'Tick what you agree to.',
  },
  de: {
    title: 'Kontakt',
    intro: (name: string) => `Schreiben Sie an die Betreiber von ${name}.`,
    sent: (reference: string) => `Danke. Ihre Anfrage ist ${reference}. Wenn dieser Server Mails sendet, ist eine unterwegs: Öffnen Sie den Link darin, sonst liest niemand die Anfrage.`,
    another: 'Noch eine schreiben',
    kind: 'Worum es geht',
    kinds: {
      access: 'Ich möchte Zugang',
      onboarding: 'Einstieg',
      question: 'Frage zum Produkt',
      support: 'Ich brauche Hilfe',
      privacy: 'Datenschutz: meine Daten',
    },
    right: 'Bei Datenschutz: was Sie möchten',
    rights: {
      access: 'Meine Daten einsehen',
      correction: 'Sie berichtigen',
      export: 'Eine Kopie erhalten',
      deletion: 'Sie löschen lassen',
      objection: 'Ihrer Nutzung widersprechen',
    },
    name: 'Name',
    email: 'E-Mail-Adresse',
    company: 'Firma (freiwillig)',
    message: 'Nachricht',
    consent: 'Ich habe gelesen:',
    agree: 'Ich stimme zu:',
    notForPrivacy: '(für Datenschutz-Anfragen nicht nötig)',
    launch: 'Schreiben Sie mir von neuen Angeboten und Veranstaltungen',
    product: 'Schreiben Sie mir, was im Produkt neu ist',
    website: 'Bitte leer lassen',
    send: 'Senden',
    wrong: 'Nicht gesendet:',
    changed: 'Wozu Sie zustimmen, hat sich geändert, seit Sie diese Seite geöffnet haben. Lesen Sie es und haken Sie es erneut an.',
    disagreed: 'Haken Sie an, wozu Sie zustimmen.',
  },
}

const escape = (text: string) => text.replaceAll(/[&<>"']/g, sign => `&#${sign.codePointAt(0)};`)

/** The form for requests without JavaScript. It has no style sheet but its own, and nothing of what was typed is in it unescaped. */
export function plainForm({ language, instance, policy, pending, sent, problem, given = {} }: {
  language: MailLanguage
  instance: string
  policy?: { slug: string, number: number, title: string }
  /** What people say that they agree to. */
  pending: readonly PendingPolicy[]
  sent?: string
  problem?: PlainProblem
  given?: Partial<PlainRequestInput>
}): string {
  const said = words[language]
  const valueOf = (name: keyof PlainRequestInput) => escape(String(given?.[name] ?? ''))
  const options = (values: readonly string[], texts: Record<string, string>, chosen: string | undefined) => values.map(value => `<option value="${value}"${value === chosen
    ? ' selected'
    : ''}>${escape(texts[value]!)}</option>`).join('')
  const field = (name: 'name' | 'email' | 'company', type: string, max: number, isNeeded = true) => `<label>${escape(said[name])}<input name="${name}" type="${type}" maxlength="${max}" value="${valueOf(name)}"${isNeeded
    ? ' required'
    : ''}></label>`
  const check = (name: string, text: string, value = 'yes', isNeeded = false) => `<label class="check"><input type="checkbox" name="${name}" value="${value}"${isNeeded
    ? ' required'
    : ''}> <span>${text}</span></label>`
  const wordsOf = ({ code, pointer, problem }: PlainProblem) => code === 'policy.not_in_effect' || code === 'request.consent_needed'
    ? said.changed
    : pointer === '/acceptances'
      ? said.disagreed
      : problem
  const agreement = ({ slug, number, language, sha256, title }: PendingPolicy) => {
    // The one that everybody agrees to who asks.
    const isNeeded = slug === policy?.slug
    const text = `${escape(said.agree)} <a href="/policies/${slug}/versions/${number}?language=${language}" lang="${language}">${escape(title)}</a>`
    return check('accept', isNeeded
      ? text
      : `${text} ${escape(said.notForPrivacy)}`, [slug, number, language, sha256].join(' '), isNeeded)
  }
  const body = sent === undefined
    ? `<p>${escape(said.intro(instance))}</p>
${problem === undefined
  ? ''
  : `<p role="alert"><strong>${escape(said.wrong)}</strong> ${escape(wordsOf(problem))}</p>`}
<form method="post" action="/api/v1/public/contact">
<input type="hidden" name="language" value="${language}">
<label>${escape(said.kind)}<select name="kind">${options(requestKinds, said.kinds, given?.kind)}</select></label>
<label>${escape(said.right)}<select name="right"><option value=""></option>${options(privacyRights, said.rights, given?.right)}</select></label>
${field('name', 'text', 120)}
${field('email', 'email', 254)}
${field('company', 'text', 200, false)}
<label>${escape(said.message)}<textarea name="message" rows="8" maxlength="5000" required>${valueOf('message')}</textarea></label>
<label class="trap" aria-hidden="true">${escape(said.website)}<input name="website" tabindex="-1" autocomplete="off"></label>
${pending.map(agreement).join('\n')}
${policy && pending.every(({ slug }) => slug !== policy.slug)
  ? check('consent', `${escape(said.consent)} <a href="/policies/${policy.slug}">${escape(policy.title)}</a>`, `${policy.slug} ${policy.number}`, true)
  : ''}
${check('launch', escape(said.launch))}
${check('product', escape(said.product))}
<button>${escape(said.send)}</button>
</form>`
    : `<p role="status">${escape(said.sent(sent))}</p><p><a href="/api/v1/public/contact?language=${language}">${escape(said.another)}</a></p>`
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escape(said.title)} · ${escape(instance)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem; }
label { display: block; margin: 0 0 1rem; font-weight: 600; }
input:not([type=checkbox]), select, textarea { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .6rem; margin-top: .25rem; }
.check { display: flex; gap: .6rem; align-items: baseline; font-weight: 400; }
.trap { position: absolute; inset-inline-start: -99rem; }
button { font: inherit; padding: .7rem 1.5rem; }
[role=alert] { border-inline-start: 4px solid #c00; padding-inline-start: .8rem; }
</style>
</head>
<body>
<main>
<h1>${escape(said.title)}</h1>
${body}
</main>
</body>
</html>
`
}
