import type { Link } from '../../api/generated/types.gen.ts'
import type { Format } from '../../utils/format.ts'
import { serverNow } from '../../api/server-time.ts'

export const expiryPresets = [
  'never',
  'day',
  'week',
  'month',
  'quarter',
  'date',
] as const
export type ExpiryPreset = (typeof expiryPresets)[number]

const presetDays = {
  day: 1,
  week: 7,
  month: 30,
  quarter: 90,
} as const

/** So many items a link leads to at most, by themselves: whoever opens it is shown each. */
export const mostShared = 1000

/** What the form holds. */
export interface LinkOptions {
  title: string
  message: string
  /** `keep`: as it is; only for a link that has one. */
  password: { mode: 'none' | 'set' | 'keep', value: string }
  expiry: ExpiryPreset
  /** `YYYY-MM-DD` in the person's own time, with `expiry: 'date'`. */
  date: string
  maxDownloads: number | null
}

/** Where nothing is said otherwise, a link made here ends by itself; one made by the API does not. */
export const newLinkOptions = (): LinkOptions => ({
  title: '',
  message: '',
  password: { mode: 'none', value: '' },
  expiry: 'month',
  date: '',
  maxDownloads: null,
})

const two = (value: number) => String(value).padStart(2, '0')

/** The calendar day of a moment where the person is. */
export function localDay(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

export function optionsOf(link: Pick<Link, 'title' | 'message' | 'hasPassword' | 'expiresAt' | 'maxDownloads'>): LinkOptions {
  return {
    title: link.title ?? '',
    message: link.message ?? '',
    password: {
      mode: link.hasPassword ? 'keep' : 'none',
      value: '',
    },
    expiry: link.expiresAt ? 'date' : 'never',
    date: link.expiresAt
      ? localDay(new Date(link.expiresAt))
      : '',
    maxDownloads: link.maxDownloads,
  }
}

/** The moment that a preset means, counted from the server's time; a date lasts to the end of its day. `null`: never. */
export function expiryOf({ expiry, date }: Pick<LinkOptions, 'expiry' | 'date'>, now = serverNow()): string | null {
  if (expiry === 'never') return null
  if (expiry !== 'date') return new Date(now.getTime() + presetDays[expiry] * 86_400_000).toISOString()
  const [year, month, day] = date.split('-').map(Number)
  if (!year || !month || !day) return null
  return new Date(year, month - 1, day, 23, 59, 59).toISOString()
}

export interface LinkInput {
  title?: string | null
  message?: string | null
  password?: string | null
  expiresAt?: string | null
  maxDownloads?: number | null
}

const isSameDay = ({ expiry, date }: LinkOptions, before?: Pick<Link, 'expiresAt'>) => Boolean(before?.expiresAt && expiry === 'date' && date === localDay(new Date(before.expiresAt)))

/** The body of a creation or a change. A password that is kept, and a day that stays the same, are not sent. */
export function toLinkInput(options: LinkOptions, before?: Pick<Link, 'expiresAt'>, now = serverNow()): LinkInput {
  const sameDay = isSameDay(options, before)
  return {
    title: options.title.trim() || null,
    message: options.message.trim() || null,
    ...(options.password.mode === 'keep'
      ? {}
      : {
          password: options.password.mode === 'set'
            ? options.password.value
            : null,
        }),
    ...(sameDay
      ? {}
      : {
          expiresAt: expiryOf(options, now),
        }),
    maxDownloads: options.maxDownloads || null,
  }
}

/** What keeps a link from being open to whoever has it, for ever. */
export interface Protection extends Pick<Link, 'hasPassword' | 'maxDownloads'> {
  /** Undefined: the day is still to be chosen. */
  expiresAt: string | null | undefined
}

/** How the link will be protected once this is sent. */
export function protectionOf(options: LinkOptions, before?: Pick<Link, 'expiresAt'>, now = serverNow()): Protection {
  const isOpen = options.expiry === 'date' && options.date === ''
  return {
    hasPassword: options.password.mode !== 'none',
    expiresAt: isOpen
      ? undefined
      : isSameDay(options, before)
        ? before!.expiresAt
        : expiryOf(options, now),
    maxDownloads: options.maxDownloads || null,
  }
}

/** It in words: “No password · never expires · unlimited downloads”. */
export function protectionWords({ hasPassword, expiresAt, maxDownloads }: Protection, t: (key: string, parts?: number | Record<string, string>) => string, format: Pick<Format, 'date'>): string {
  return [
    hasPassword
      ? t('links.protection.password')
      : t('links.protection.noPassword'),
    expiresAt
      ? t('links.protection.expires', {
          date: format.date(expiresAt),
        })
      : expiresAt === null
        ? t('links.protection.never')
        : t('links.protection.dayMissing'),
    maxDownloads === null
      ? t('links.protection.unlimited')
      : t('links.protection.limit', maxDownloads),
  ].join(' · ')
}

// Without 0/O, 1/l/I: it will be read out on the telephone.
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Three groups of five: 74 bits, readable aloud. */
export function generatePassword(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array = bytes => crypto.getRandomValues(bytes)): string {
  const letters: string[] = []
  while (letters.length < 15) {
    for (const byte of random(new Uint8Array(32))) {
      // Bytes beyond the last whole multiple would favour the first letters.
      if (byte < 256 - 256 % alphabet.length && letters.length < 15) letters.push(alphabet[byte % alphabet.length]!)
    }
  }
  return [0, 5, 10].map(at => letters.slice(at, at + 5).join('')).join('-')
}
