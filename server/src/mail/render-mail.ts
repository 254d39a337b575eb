import type { MailDefinition, MailLanguage, MailText } from './define-mail.ts'
import { asLine } from '../http/text-forms.ts'
import { requireFits } from './define-mail.ts'
import { proseAsHtml, proseAsText } from './prose.ts'

export interface RenderedMail {
  subject: string
  text: string
  html: string
  /** Of one that is not essential: where a POST ends mails of its kind (RFC 8058). */
  unsubscribeUrl?: string
}

export interface RenderOptions {
  data: object
  secrets: object
  language: MailLanguage
  /** Whose mail it is: the workspace's or the instance's name. */
  sender: string
  publicUrl: string
}

/** Of text and HTML together: Gmail shows no more than 102 kB, and slow phones are glad of less. */
const MAX_BYTES = 60 * 1024
/** Of one value: a name that is longer is cut. */
const MAX_VALUE = 500
const MAX_SUBJECT = 200
const TEXT_WIDTH = 76
const UNSUBSCRIBE: Record<MailLanguage, string> = { en: 'No more mails of this kind', de: 'Keine Mails dieser Art mehr' }

/** Programs for mail make links of these in any text: a name must not be one. */
const LOOKS_LIKE_A_LINK = /:\/\/|\bwww\./gi
/** Some make one of a bare domain or address too. */
const LOOKS_LIKE_A_DOMAIN = /(?<=[\p{L}\p{N}_-])[.\u3002\uFF0E\uFF61@](?=\p{L})/gu
/** U+2060: nobody sees it. */
const WORD_JOINER = '\u2060'

/**
 * What people wrote, as one line that says what it is and leads nowhere.
 * Nothing here is a template: `{{7*7}}` is a name like others.
 */
export function cleanLine(text: string, max = MAX_VALUE): string {
  const whole = asLine(text).replaceAll(LOOKS_LIKE_A_LINK, found => [...found].join(WORD_JOINER))
  const signs = [...whole]
  return signs.length > max
    ? `${signs.slice(0, max - 1).join('')}…`
    : whole
}

/** Of a sentence that is made of what people wrote, but for an address that stands alone: that is there to be copied. */
const withoutDomains = (text: string): string => /^[^\s@]+@[^\s@]+$/.test(text)
  ? text
  : text.replaceAll(LOOKS_LIKE_A_DOMAIN, sign => WORD_JOINER + sign)

function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return cleanLine(value)
  if (Array.isArray(value)) return value.map(cleanValue)
  return value !== null && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [
        name,
        cleanValue(each),
      ]))
    : value
}

/** Each text in it as `cleanLine` has it, but an operator's Markdown. Once more changes nothing. */
export function cleanData<T extends object>({ prose }: Pick<MailDefinition, 'prose'>, data: T): T {
  return Object.fromEntries(Object.entries(data).map(([name, each]) => [
    name,
    name === prose
      ? each
      : cleanValue(each),
  ])) as T
}

/** Only what operators write may be so long; it is theirs to make shorter. */
export class MailTooLarge extends Error {}

/** @throws {Error} when the data does not fit the template @throws {MailTooLarge} when the mail would have more than 60 kB */
export function renderMail(definition: MailDefinition, { data, secrets, language, sender: given, publicUrl }: RenderOptions): RenderedMail {
  requireFits(definition, { data, secrets })
  const sender = cleanLine(given)
  const worded = definition.words[language]({
    ...cleanData(definition, data),
    ...secrets,
  }, {
    sender,
    when: instant => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(instant)).concat(' UTC'),
  })
  const said: MailText = {
    ...worded,
    heading: withoutDomains(worded.heading),
    paragraphs: worded.paragraphs.map(withoutDomains),
    ...worded.action && {
      action: {
        ...worded.action,
        label: withoutDomains(worded.action.label),
      },
    },
    facts: worded.facts?.map(([label, value]) => [
      label,
      withoutDomains(value),
    ]),
    reason: withoutDomains(worded.reason),
  }
  const frame: Frame = {
    sender: withoutDomains(sender),
    language,
    publicUrl,
    subject: withoutDomains(cleanLine(said.subject, MAX_SUBJECT)),
    url: said.action && publicUrl + said.action.path,
    unsubscribe: definition.essential
      ? undefined
      : { label: UNSUBSCRIBE[language], url: publicUrl + (secrets as { unsubscribePath: string }).unsubscribePath },
  }
  const rendered = {
    subject: frame.subject,
    text: asText(said, frame),
    html: asHtml(said, frame),
    unsubscribeUrl: frame.unsubscribe?.url,
  }
  const bytes = Buffer.byteLength(rendered.text) + Buffer.byteLength(rendered.html)
  if (bytes > MAX_BYTES) throw new MailTooLarge(`A mail “${definition.name}” has ${bytes} bytes, more than ${MAX_BYTES}`)
  return rendered
}

/** What is in both forms besides what the mail says. */
interface Frame {
  sender: string
  language: MailLanguage
  publicUrl: string
  subject: string
  url: string | undefined
  unsubscribe: { label: string, url: string } | undefined
}

function asText({ heading, paragraphs, prose, action, facts = [], reason }: MailText, { url, sender, publicUrl, unsubscribe }: Frame): string {
  return [
    heading,
    ...paragraphs,
    ...prose === undefined
      ? []
      : [
          proseAsText(prose, publicUrl),
        ],
    ...action
      ? [`${action.label}:\n${url}`]
      : [],
    ...facts.length > 0
      ? [
          facts.map(([label, value]) => `${label}: ${value}`).join('\n'),
        ]
      : [],
    [
      `-- \n${sender}\n${reason}`,
      ...unsubscribe
        ? [`${unsubscribe.label}:\n${unsubscribe.url}`]
        : [],
    ].join('\n'),
  ].map(wrap).join('\n\n').concat('\n')
}

/** At spaces; an address stays whole however long. */
const wrap = (text: string) => text.split('\n').map(wrapLine).join('\n')

function wrapLine(line: string): string {
  const lines: string[] = []
  for (const word of line.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= TEXT_WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}

const signs: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\'': '&#39;',
}
const escape = (text: string) => text.replaceAll(/[&<>"']/g, sign => signs[sign]!)

class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Whatever is put in is escaped, unless it was made by this. */
function html(parts: TemplateStringsArray, ...values: (string | Html | Html[])[]): Html {
  const put = (value: string | Html | Html[]) => typeof value === 'string'
    ? escape(value)
    : [value].flat().map(({ text }) => text).join('')
  return new Html(parts.map((part, n) => part + (n < values.length
    ? put(values[n]!)
    : '')).join(''))
}

/** Contrast is at least 4.5 : 1 on both grounds (WCAG 1.4.3). */
const STYLE = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
body{margin:0;padding:0;background:#f4f4f5;color:#18181b}
@media (prefers-color-scheme:dark){
.ground{background:#18181b!important}.card{background:#27272a!important;border-color:#3f3f46!important}
.ink{color:#fafafa!important}.quiet{color:#b4b4bd!important}.line{border-color:#3f3f46!important}
.button{background:#fafafa!important;color:#18181b!important}
}
@media (max-width:600px){.card{padding:24px 20px!important}}`

const FONT = 'font-family:-apple-system,BlinkMacSystemFont,\'Segoe UI\',Roboto,Helvetica,Arial,sans-serif'

function asHtml({ heading, paragraphs, prose, action, facts = [], reason }: MailText, { subject, url, sender, language, publicUrl, unsubscribe }: Frame): string {
  const button = action && url
    ? [html`<p style="margin:24px 0"><a class="button" href="${url}" style="display:inline-block;background:#18181b;color:#ffffff;padding:12px 22px;border-radius:8px;text-decoration:none;font-weight:600;font-size:16px;line-height:24px">${action.label}</a></p>
<p class="quiet" style="margin:0 0 24px;font-size:13px;line-height:20px;color:#52525b;word-break:break-all">${url}</p>`]
    : []
  const table = facts.length > 0
    ? [html`<table class="line" style="width:100%;border-collapse:collapse;border-top:1px solid #e4e4e7;margin:24px 0 0">${facts.map(([label, value]) => html`
<tr><th scope="row" class="quiet line" style="text-align:left;vertical-align:top;font-weight:400;font-size:14px;line-height:20px;color:#52525b;padding:8px 16px 8px 0;border-bottom:1px solid #e4e4e7">${label}</th><td class="ink line" style="vertical-align:top;font-size:14px;line-height:20px;color:#18181b;padding:8px 0;border-bottom:1px solid #e4e4e7;word-break:break-word">${value}</td></tr>`)}
</table>`]
    : []
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>${new Html(STYLE)}</style>
</head>
<body class="ground" style="margin:0;padding:0;background:#f4f4f5">
<table role="presentation" class="ground" style="width:100%;border-collapse:collapse;background:#f4f4f5"><tr><td style="padding:24px 12px" align="center">
<table role="presentation" style="width:100%;max-width:560px;border-collapse:separate;${FONT}"><tr><td class="quiet" style="padding:0 4px 12px;font-size:14px;line-height:20px;font-weight:600;color:#52525b">${sender}</td></tr>
<tr><td class="card" style="background:#ffffff;border:1px solid #e4e4e7;border-radius:12px;padding:32px">
<h1 class="ink" style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:600;color:#18181b;word-break:break-word">${heading}</h1>
${paragraphs.map(paragraph => html`<p class="ink" style="margin:0 0 12px;font-size:16px;line-height:24px;color:#18181b;word-break:break-word">${paragraph}</p>
`)}${prose === undefined
  ? ''
  : html`<div class="ink" style="font-size:16px;line-height:24px;color:#18181b;word-break:break-word">
${new Html(proseAsHtml(prose, publicUrl))}</div>
`}${button}${table}</td></tr>
<tr><td class="quiet" style="padding:16px 4px 0;font-size:13px;line-height:20px;color:#52525b;word-break:break-word">${reason}<br><a class="quiet" href="${publicUrl}" style="color:#52525b">${publicUrl}</a>${unsubscribe
  ? html`<br><a class="quiet" href="${unsubscribe.url}" style="color:#52525b">${unsubscribe.label}</a>`
  : ''}</td></tr></table>
</td></tr></table>
</body>
</html>
`.text
}
