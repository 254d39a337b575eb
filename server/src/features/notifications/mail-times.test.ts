import { expect, it } from 'vitest'
import { isTimeZone } from '../../http/time-zone.ts'
import { mailTime } from './mail-times.ts'

const rhythm = {
  timeZone: 'Europe/Berlin',
  digestHour: 8,
  quietFrom: null,
  quietUntil: null,
}
const time = (...[channel, own, now]: [Parameters<typeof mailTime>[0], Partial<Parameters<typeof mailTime>[1]>, string]) => mailTime(channel, {
  ...rhythm,
  ...own,
}, new Date(now))?.toISOString()

it('sends nothing where no mail is wanted, and at once two minutes later', () => {
  expect(time('off', {}, '2027-01-15T12:00:00Z')).toBeUndefined()
  expect(time('app', {}, '2027-01-15T12:00:00Z')).toBeUndefined()
  expect(time('at-once', {}, '2027-01-15T12:00:00Z')).toBe('2027-01-15T12:02:00.000Z')
})

it('sends digests at the person’s hour: the next day’s when it is over, and on Mondays', () => {
  expect(time('daily', {}, '2027-01-15T06:59:59Z')).toBe('2027-01-15T07:00:00.000Z')
  expect(time('daily', {}, '2027-01-15T07:00:00Z')).toBe('2027-01-16T07:00:00.000Z')
  expect(time('daily', { timeZone: 'Pacific/Auckland' }, '2027-01-15T18:59:00Z')).toBe('2027-01-15T19:00:00.000Z')
  expect(time('daily', { timeZone: 'Asia/Kolkata' }, '2027-01-15T00:00:00Z')).toBe('2027-01-15T02:30:00.000Z')
  expect(time('daily', { timeZone: null }, '2027-01-15T00:00:00Z')).toBe('2027-01-15T08:00:00.000Z')
  // A Friday, and a Monday before and after the hour.
  expect(time('weekly', {}, '2027-01-15T12:00:00Z')).toBe('2027-01-18T07:00:00.000Z')
  expect(time('weekly', {}, '2027-01-18T06:00:00Z')).toBe('2027-01-18T07:00:00.000Z')
  expect(time('weekly', {}, '2027-01-18T07:30:00Z')).toBe('2027-01-25T07:00:00.000Z')
})

it('keeps the hour when the clocks change, also one that they leave out or show twice', () => {
  expect(time('daily', {}, '2027-03-27T12:00:00Z')).toBe('2027-03-28T06:00:00.000Z')
  expect(time('daily', {}, '2027-10-30T12:00:00Z')).toBe('2027-10-31T07:00:00.000Z')
  expect(time('daily', { digestHour: 2 }, '2027-03-27T12:00:00Z')).toBe('2027-03-28T01:00:00.000Z')
  expect(time('daily', { digestHour: 2 }, '2027-10-30T12:00:00Z')).toBe('2027-10-31T00:00:00.000Z')
  // Once, not twice.
  expect(time('daily', { digestHour: 2 }, '2027-10-31T00:00:00Z')).toBe('2027-11-01T01:00:00.000Z')
  // Samoa had no 30 December 2011.
  expect(time('daily', { timeZone: 'Pacific/Apia' }, '2011-12-30T09:00:00Z')).toBe('2011-12-30T18:00:00.000Z')
})

it('is quiet from the one hour to the other, over midnight too', () => {
  const quiet = { quietFrom: 20, quietUntil: 7 }
  expect(time('at-once', quiet, '2027-01-15T18:57:00Z')).toBe('2027-01-15T18:59:00.000Z')
  expect(time('at-once', quiet, '2027-01-15T19:00:00Z')).toBe('2027-01-16T06:00:00.000Z')
  expect(time('at-once', quiet, '2027-01-16T05:00:00Z')).toBe('2027-01-16T06:00:00.000Z')
  expect(time('at-once', { quietFrom: 12, quietUntil: 14 }, '2027-01-15T12:00:00Z')).toBe('2027-01-15T13:00:00.000Z')
  expect(time('at-once', { quietFrom: 7, quietUntil: 7 }, '2027-01-15T06:30:00Z')).toBe('2027-01-15T06:32:00.000Z')
  expect(time('daily', { ...quiet, digestHour: 5 }, '2027-01-15T12:00:00Z')).toBe('2027-01-16T06:00:00.000Z')
})

it('knows a time zone', () => {
  expect([
    'Europe/Berlin',
    'UTC',
    'America/Argentina/Buenos_Aires',
    'Mars/Olympus',
    '',
  ].map(isTimeZone)).toEqual([true, true, true, false, false])
})
