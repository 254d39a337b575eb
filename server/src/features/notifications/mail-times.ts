import type { Channel } from './notification-rules.ts'
import { isTimeZone } from '../../http/time-zone.ts'

/** When somebody wants to be written to, in whole hours of their day. */
export interface MailRhythm {
  /** IANA's name; null: not known yet. */
  timeZone: string | null
  /** Of digests. */
  digestHour: number
  /** From the one hour to the other, over midnight when it is earlier, nothing is sent. */
  quietFrom: number | null
  quietUntil: number | null
}

export const defaultRhythm = { digestHour: 8, quietFrom: null, quietUntil: null } as const

/** So long the first of several events waits for the others, so that they are one mail. */
export const GATHERED_MS = 2 * 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MONDAY = 1

/** When a mail of this channel about something that happens now is to leave; undefined: none is. */
export function mailTime(channel: Channel, rhythm: MailRhythm, now: Date): Date | undefined {
  switch (channel) {
    case 'off':
    case 'app': return undefined
    case 'at-once': return afterQuiet(rhythm, new Date(now.getTime() + GATHERED_MS))
    case 'daily': return afterQuiet(rhythm, nextAt(rhythm.timeZone, rhythm.digestHour, now))
    case 'weekly': return afterQuiet(rhythm, nextAt(rhythm.timeZone, rhythm.digestHour, now, MONDAY))
  }
}

function afterQuiet({ timeZone, quietFrom, quietUntil }: MailRhythm, at: Date): Date {
  if (quietFrom === null || quietUntil === null || quietFrom === quietUntil) return at
  const { hour } = localTime(timeZone, at)
  const isQuiet = quietFrom < quietUntil
    ? hour >= quietFrom && hour < quietUntil
    : hour >= quietFrom || hour < quietUntil
  return isQuiet
    ? nextAt(timeZone, quietUntil, at)
    : at
}

/** The next time that a clock there shows this hour, on a day of the week or any. Where the clock leaves it out, the moment at which it does. */
function nextAt(timeZone: string | null, hour: number, after: Date, weekday?: number): Date {
  const today = localTime(timeZone, after)
  for (let days = 0; ; days++) {
    const day = new Date(Date.UTC(today.year, today.month, today.day + days))
    if (weekday !== undefined && day.getUTCDay() !== weekday) continue
    const at = momentOf(timeZone, day.getTime() + hour * HOUR_MS)
    if (at > after) return at
  }
}

/** @param local what a clock there shows, as if it were UTC */
function momentOf(timeZone: string | null, local: number): Date {
  const aheadAt = (moment: number) => {
    const { year, month, day, hour, minute } = localTime(timeZone, new Date(moment))
    return Date.UTC(year, month, day, hour, minute) - Math.floor(moment / 60_000) * 60_000
  }
  // A day before and after a change of the clocks both know how far ahead it is then.
  const [before, after] = [
    aheadAt(local - DAY_MS),
    aheadAt(local + DAY_MS),
  ]
  const moments = [local - before, local - after]
  return new Date(moments.find(moment => moment + aheadAt(moment) === local) ?? moments[0]!)
}

const formats = new Map<string, Intl.DateTimeFormat>()

function localTime(timeZone: string | null, at: Date): { year: number, month: number, day: number, hour: number, minute: number } {
  const zone = timeZone !== null && isTimeZone(timeZone)
    ? timeZone
    : 'UTC'
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      hourCycle: 'h23',
    })
    formats.set(zone, format)
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [
    type,
    Number(value),
  ]))
  return {
    year: parts.year!,
    month: parts.month! - 1,
    day: parts.day!,
    hour: parts.hour!,
    minute: parts.minute!,
  }
}
