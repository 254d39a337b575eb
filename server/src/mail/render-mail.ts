import type { MailDefinition, MailLanguage, MailText } from './define-mail.ts'
import type { MailFrame } from './mail-frame.ts'
import { asLine } from '../http/text-forms.ts'
import { isTimeZone } from '../http/time-zone.ts'
import { requireFits } from './define-mail.ts'
import { mailAsHtml } from './mail-html.ts'
import { mailAsText } from './mail-text.ts'
import { REPLY_MARK } from './reply-mark.ts'

export interface RenderedMail {
  subject: string
  text: string
  html: string
  /** Of one that is not essential: where a POST ends mails of its kind (RFC 8058). */
  unsubscribeUrl?: string
  /** Under which answers to it come in. */
  replyTag?: string
}

export interface RenderOptions {
  data: object
  secrets: object
  language: MailLanguage
  /** Whose mail it is: the workspace's or the instance's name. */
  sender: string
  publicUrl: string
  /** Whoever gets it lives by; absent or null: not known, and times are UTC. */
  timeZone?: string | null
}

/** Of text and HTML together: Gmail shows no more than 102 kB, and slow phones are glad of less. */
const MAX_BYTES = 60 * 1024
/** Of one value: a name that is longer is cut. */
const MAX_VALUE = 500
/** Where a mail of many long names would be too large, all of them are cut so; twenty lines of news then fit, whatever is in them. */
const SHORTER_VALUES = [120, 40]
const MAX_SUBJECT = 200
const ANSWER_ABOVE: Record<MailLanguage, string> = {
  en: 'To answer by mail, write above this line.',
  de: 'Um per Mail zu antworten, schreiben Sie über diese Zeile.',
}
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

function cleanValue(value: unknown, max: number): unknown {
  if (typeof value === 'string') return cleanLine(value, max)
  if (Array.isArray(value)) return value.map(each => cleanValue(each, max))
  return value !== null && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [
        name,
        cleanValue(each, max),
      ]))
    : value
}

/** Each text in it as `cleanLine` has it, but an operator's Markdown. Once more changes nothing. */
export function cleanData<T extends object>({ prose }: Pick<MailDefinition, 'prose'>, data: T, max = MAX_VALUE): T {
  return Object.fromEntries(Object.entries(data).map(([name, each]) => [
    name,
    name === prose
      ? each
      : cleanValue(each, max),
  ])) as T
}

/** Only what operators write may be so long; it is theirs to make shorter. */
export class MailTooLarge extends Error {}

/** @throws {Error} when the data does not fit the template @throws {MailTooLarge} when the mail would have more than 60 kB */
export function renderMail(definition: MailDefinition, options: RenderOptions): RenderedMail {
  requireFits(definition, options)
  let bytes = 0
  for (const max of [MAX_VALUE, ...SHORTER_VALUES]) {
    const rendered = renderWith(definition, options, max)
    bytes = Buffer.byteLength(rendered.text) + Buffer.byteLength(rendered.html)
    if (bytes <= MAX_BYTES) return rendered
  }
  throw new MailTooLarge(`A mail “${definition.name}” has ${bytes} bytes, more than ${MAX_BYTES}`)
}

/** `30 November 2026 at 23:48 CET`: a month in words and 24 hours are read one way everywhere. */
function timeWords(language: MailLanguage, timeZone: string | null | undefined): (instant: string) => string {
  const format = new Intl.DateTimeFormat(language === 'en'
    ? 'en-GB'
    : language, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: timeZone != null && isTimeZone(timeZone)
      ? timeZone
      : 'UTC',
    timeZoneName: 'short',
  })
  return instant => format.format(new Date(instant))
}

/** @param max of each value: a longer one is cut */
function renderWith(definition: MailDefinition, { data, secrets, language, sender: given, publicUrl, timeZone }: RenderOptions, max: number): RenderedMail {
  const sender = cleanLine(given, max)
  const worded = definition.words[language]({
    ...cleanData(definition, data, max),
    ...secrets,
  }, {
    sender,
    when: timeWords(language, timeZone),
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
    groups: worded.groups?.map(({ title, lines }) => ({
      title: withoutDomains(title),
      lines: lines.map(withoutDomains),
    })),
    reason: withoutDomains(worded.reason),
  }
  const { replyTag } = secrets as { replyTag?: string }
  const frame: MailFrame = {
    sender: withoutDomains(sender),
    language,
    publicUrl,
    subject: withoutDomains(cleanLine(said.subject, MAX_SUBJECT)),
    url: said.action && publicUrl + said.action.path,
    replyMark: replyTag
      ? `${REPLY_MARK} ${ANSWER_ABOVE[language]}`
      : undefined,
    unsubscribe: definition.essential
      ? undefined
      : { label: UNSUBSCRIBE[language], url: publicUrl + (secrets as { unsubscribePath: string }).unsubscribePath },
  }
  return {
    subject: frame.subject,
    text: mailAsText(said, frame),
    html: mailAsHtml(said, frame),
    unsubscribeUrl: frame.unsubscribe?.url,
    replyTag: replyTag || undefined,
  }
}
