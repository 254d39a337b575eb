import type { MailLanguage, MailText } from './define-mail.ts'
import type { MailFrame } from './mail-frame.ts'
import { proseAsHtml, proseAsText } from './prose.ts'

/*
 * A mail as HTML. Tables and styles on each element, for Outlook draws with Word and some programs throw style sheets away; those that keep them
 * have the dark colours from there. Contrast is at least 4.5 : 1 on both grounds (WCAG 1.4.3; `mails.soak.ts` of the web asks axe).
 */

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

const STYLE = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.ground{background:#111113!important}.card{background:#1f1f23!important;border-color:#3f3f46!important}
.ink{color:#f4f4f5!important}.quiet{color:#b4b4bd!important}.line{border-color:#3f3f46!important}
.fill{background:#52bfca!important;color:#022027!important}
}
@media (max-width:480px){.card{padding:24px 20px!important}.wide{width:100%!important}.wide a{display:block!important;text-align:center!important}.fact{display:block!important;width:auto!important;padding:9px 0 0!important}.told{display:block!important;padding:0 0 9px!important;border-top:0!important}}`

/** Of Outlook with Word: it knows no max-width, and takes Times where the first font is not there. */
const WORD_STYLE = '<!--[if mso]><style>*{font-family:Arial,sans-serif!important}</style><![endif]-->'
const WORD_BEGIN = '<!--[if mso]><table role="presentation" width="560" align="center"><tr><td><![endif]-->'
const WORD_END = '<!--[if mso]></td></tr></table><![endif]-->'

const FONT = 'font-family:-apple-system,BlinkMacSystemFont,\'Segoe UI\',Roboto,Helvetica,Arial,sans-serif'
const INK = 'color:#18181b;word-break:break-word'
const QUIET = 'font-size:13px;line-height:20px;color:#52525b;word-break:break-word'
/** A finger hits one of two, one below the other. */
const FOOT_LINK = 'display:inline-block;line-height:26px;color:#52525b'

const MAX_PREVIEW = 140
/** Keeps what follows out of the line that lists of mails show; nobody sees it. */
const FILLER = new Html('&#847; &#8199;'.repeat(40))
const BUTTON_FAILS: Record<MailLanguage, string> = {
  en: 'If the button does not work, open this address:',
  de: 'Wenn der Knopf nicht funktioniert, öffnen Sie diese Adresse:',
}
const MAIL: Record<MailLanguage, string> = { en: 'e-mail', de: 'E-Mail' }

export function mailAsHtml(said: MailText, frame: MailFrame): string {
  const { subject, sender, language, publicUrl, replyMark, unsubscribe } = frame
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<meta name="x-apple-disable-message-reformatting">
<title>${subject}</title>
<style>${new Html(STYLE)}</style>
${new Html(WORD_STYLE)}
</head>
<body class="ground" style="margin:0;padding:0;background:#f4f4f5">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${preview(said, publicUrl)}${FILLER}</div>
<div role="article" aria-roledescription="${MAIL[language]}" aria-label="${subject}" lang="${language}" dir="ltr">
<table role="presentation" class="ground" style="width:100%;border-collapse:collapse;background:#f4f4f5"><tr><td style="padding:32px 12px" align="center">
${new Html(WORD_BEGIN)}
<table role="presentation" style="width:100%;max-width:560px;border-collapse:separate;border-spacing:0;text-align:left;${FONT}">
${replyMark === undefined
  ? ''
  : html`<tr><td class="quiet" style="padding:0 4px 16px;${QUIET}">${replyMark}</td></tr>
`}<tr><td style="padding:0 4px 16px">${brand(sender)}</td></tr>
<tr><td class="card" style="background:#ffffff;border:1px solid #e4e4e7;border-radius:12px;padding:32px">
<h1 class="ink" style="margin:0 0 16px;font-size:22px;line-height:30px;font-weight:600;${INK}">${said.heading}</h1>
${said.paragraphs.map(paragraph => html`<p class="ink" style="margin:0 0 12px;font-size:16px;line-height:24px;${INK}">${paragraph}</p>
`)}${(said.groups ?? []).map(group)}${said.prose === undefined
  ? ''
  : html`<div class="ink" style="font-size:16px;line-height:24px;${INK}">
${new Html(proseAsHtml(said.prose, publicUrl))}</div>
`}${button(said, frame)}${facts(said)}${address(said, frame)}</td></tr>
<tr><td class="quiet" style="padding:20px 4px 0;${QUIET}">${said.reason}<br><a class="quiet" href="${publicUrl}" style="${FOOT_LINK}">${publicUrl}</a>${unsubscribe
  ? html`<br><a class="quiet" href="${unsubscribe.url}" style="${FOOT_LINK}">${unsubscribe.label}</a>`
  : ''}</td></tr>
</table>
${new Html(WORD_END)}
</td></tr></table>
</div>
</body>
</html>
`.text
}

/** What a list of mails shows beside the subject: what the heading does not say already. */
function preview({ paragraphs: [first], groups: [group] = [], prose, facts: [fact] = [], reason }: MailText, publicUrl: string): string {
  const line = first ?? group?.lines[0] ?? (prose === undefined
    ? fact?.join(': ')
    : proseAsText(prose, publicUrl).split('\n')[0]) ?? reason
  return [...line].slice(0, MAX_PREVIEW).join('')
}

/** The name, and its first letter as a sign: no picture, which programs for mail do not show before they are asked. */
function brand(sender: string): Html {
  const letter = [...sender].find(sign => /[\p{L}\p{N}]/u.test(sign))
  const sign = letter === undefined
    ? ''
    : html`<td aria-hidden="true" class="fill" style="width:32px;height:32px;border-radius:8px;background:#006a75;color:#ffffff;font-size:16px;line-height:32px;font-weight:700;text-align:center">${letter.toLocaleUpperCase()}</td><td style="width:12px"></td>`
  return html`<table role="presentation" style="border-collapse:separate;border-spacing:0"><tr>${sign}<td dir="auto" class="ink" style="font-size:16px;line-height:24px;font-weight:600;${INK}">${sender}</td></tr></table>`
}

function group({ title, lines }: { title: string, lines: string[] }): Html {
  return html`${title === ''
    ? ''
    : html`<h2 class="ink" style="margin:20px 0 4px;font-size:14px;line-height:20px;font-weight:600;${INK}">${title}</h2>
`}<ul style="margin:0 0 12px;padding:0;list-style:none">${lines.map(line => html`
<li class="ink line" style="margin:0;padding:8px 0;border-bottom:1px solid #e4e4e7;font-size:15px;line-height:22px;${INK}">${line}</li>`)}
</ul>
`
}

function button({ action }: MailText, { url }: MailFrame): Html | string {
  if (!action || url === undefined) return ''
  return html`<table role="presentation" class="wide" style="margin:24px 0 0;border-collapse:separate;border-spacing:0"><tr><td class="fill" style="border-radius:8px;background:#006a75;mso-padding-alt:12px 24px"><a class="fill" href="${url}" style="display:inline-block;padding:12px 24px;border-radius:8px;background:#006a75;color:#ffffff;text-decoration:none;font-weight:600;font-size:16px;line-height:24px;word-break:break-word">${action.label}</a></td></tr></table>
`
}

function facts({ facts: rows = [] }: MailText): Html | string {
  if (rows.length === 0) return ''
  return html`<table style="width:100%;border-collapse:collapse;margin:28px 0 0">${rows.map(([label, value]) => html`
<tr><th scope="row" class="quiet line fact" style="width:32%;text-align:left;vertical-align:top;font-weight:400;font-size:14px;line-height:20px;color:#52525b;padding:9px 16px 9px 0;border-top:1px solid #e4e4e7">${label}</th><td dir="auto" class="ink line told" style="vertical-align:top;font-size:14px;line-height:20px;padding:9px 0;border-top:1px solid #e4e4e7;${INK}">${value}</td></tr>`)}
</table>
`
}

/** Where the button leads, to be seen and to be copied. */
function address({ action, facts: rows = [] }: MailText, { url, language }: MailFrame): Html | string {
  if (!action || url === undefined) return ''
  return html`<p class="quiet line" style="margin:${rows.length > 0
    ? '0'
    : '28px 0 0'};padding:12px 0 0;border-top:1px solid #e4e4e7;${QUIET}">${BUTTON_FAILS[language]}<br><a class="quiet" href="${url}" style="color:#52525b;word-break:break-all">${url}</a></p>
`
}
