const byteUnits = [
  'byte',
  'kilobyte',
  'megabyte',
  'gigabyte',
  'terabyte',
  'petabyte',
] as const
const spans = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

type Moment = Date | string | number

/** Making one of Intl's takes longer than all that a page formats with it: each is made when it is first asked for, and kept. */
function whenAsked<T>(make: () => T): () => T {
  let made: T | undefined
  return () => made ??= make()
}

/** Words for numbers and times in one locale, by Intl. Sizes count in thousands (kB, MB), as disks and `ls --si` do. */
export function createFormat(locale: string, timeZone?: string) {
  const date = whenAsked(() => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone }))
  const longDate = whenAsked(() => new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone }))
  const dateTime = whenAsked(() => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }))
  const exact = whenAsked(() => new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long', timeZone }))
  const time = whenAsked(() => new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone }))
  const weekday = whenAsked(() => new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone,
  }))
  const dayKey = whenAsked(() => new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone,
  }))
  const relativeTime = whenAsked(() => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }))
  const number = whenAsked(() => new Intl.NumberFormat(locale))
  const percent = whenAsked(() => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }))
  const list = whenAsked(() => new Intl.ListFormat(locale, { type: 'unit', style: 'narrow' }))
  const units = new Map<string, Intl.NumberFormat>()
  function inUnit(value: number, unit: string, unitDisplay: 'long' | 'short' = 'short', maximumFractionDigits = 0): string {
    const key = `${unit} ${unitDisplay} ${maximumFractionDigits}`
    let format = units.get(key)
    if (!format) {
      format = new Intl.NumberFormat(locale, {
        style: 'unit',
        unit,
        unitDisplay,
        maximumFractionDigits,
      })
      units.set(key, format)
    }
    return format.format(value)
  }

  function scaled(value: number, suffix: string): string {
    let index = 0
    let size = Math.max(0, value)
    // 999 950 bytes would print as “1,000 kB”.
    while (index < byteUnits.length - 1 && size >= (index === 0
      ? 1000
      : 999.95)) {
      size /= 1000
      index++
    }
    return inUnit(
      size,
      `${byteUnits[index]}${suffix}`,
      index === 0 && suffix === ''
        ? 'long'
        : 'short',
      index < 2 || size >= 99.95
        ? 0
        : 1,
    )
  }

  const daysBetween = (from: Date, to: Date) =>
    Math.round((Date.parse(dayKey().format(to)) - Date.parse(dayKey().format(from))) / 86_400_000)

  return {
    number: (value: number) => number().format(value),
    /** 0.61 → “61%” */
    percent: (ratio: number) => percent().format(ratio),
    /** “4.2 MB”, “12 bytes” */
    bytes: (value: number) => scaled(value, ''),
    /** Bytes a second: “48 MB/s” */
    speed: (bytesPerSecond: number) => scaled(bytesPerSecond, '-per-second'),
    /** Seconds, in at most two units: “1 hr 5 min”, “12 sec” */
    duration(seconds: number): string {
      let left = Math.max(0, Math.round(seconds))
      // Two minutes and a second are two minutes to anyone who waits.
      if (left >= 600) left = Math.round(left / 60) * 60
      const parts: string[] = []
      for (const [unit, length] of spans) {
        const count = Math.floor(left / length)
        left -= count * length
        if (count > 0 || (unit === 'second' && parts.length === 0))
          parts.push(inUnit(count, unit))
        else if (parts.length > 0) break
        if (parts.length === 2) break
      }
      return list().format(parts)
    },
    date: (at: Moment) => date().format(new Date(at)),
    /** “23 November 2026” */
    longDate: (at: Moment) => longDate().format(new Date(at)),
    time: (at: Moment) => time().format(new Date(at)),
    dateTime: (at: Moment) => dateTime().format(new Date(at)),
    /** For a tooltip: all of it, with the zone. */
    exact: (at: Moment) => exact().format(new Date(at)),
    /** The heading of a day: “today”, “yesterday”, “Monday, 23 November”. */
    day(at: Moment, now: Moment = Date.now()): string {
      const days = daysBetween(new Date(now), new Date(at))
      return days === 0 || days === -1
        ? relativeTime().format(days, 'day')
        : weekday().format(new Date(at))
    },
    /** “5 minutes ago”, “yesterday”, “in 3 days”; after 30 days the date. */
    relative(at: Moment, now: Moment = Date.now()): string {
      const moment = new Date(at)
      const seconds = (moment.getTime() - new Date(now).getTime()) / 1000
      const distance = Math.abs(seconds)
      if (distance < 45) return relativeTime().format(0, 'second')
      if (distance < 3_600) return relativeTime().format(Math.sign(seconds) * Math.max(1, Math.round(distance / 60)), 'minute')
      const days = daysBetween(new Date(now), moment)
      if (days === 0 || distance < 6 * 3_600) return relativeTime().format(Math.round(seconds / 3_600), 'hour')
      if (Math.abs(days) <= 30) return relativeTime().format(days, 'day')
      return date().format(moment)
    },
  }
}

export type Format = ReturnType<typeof createFormat>
