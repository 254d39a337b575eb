import { describe, expect, it } from 'vitest'
import { noteServerTime } from '../../api/server-time.ts'
import { expiryOf, generatePassword, localDay, newLinkOptions, optionsOf, toLinkInput } from './link-options.ts'

const now = new Date('2026-11-23T10:00:00Z')
const link = {
  title: null,
  message: 'Thanks',
  hasPassword: true,
  expiresAt: '2026-12-01T12:00:00.000Z',
  maxDownloads: 3,
}

describe('link options', () => {
  it('counts the days from the server’s time, whatever the browser’s', () => {
    const threeDays = 3 * 86_400_000
    noteServerTime(new Response(null, {
      headers: {
        date: new Date(Date.now() + threeDays).toUTCString(),
      },
    }))
    const days = Date.parse(expiryOf({ expiry: 'day', date: '' })!) - Date.now() - threeDays
    noteServerTime(new Response(null, {
      headers: {
        date: new Date().toUTCString(),
      },
    }))
    expect(Math.abs(days - 86_400_000)).toBeLessThan(60_000)
  })

  it('gives presets in days from now, a date to the end of its day, and never', () => {
    expect(expiryOf({ expiry: 'week', date: '' }, now)).toBe('2026-11-30T10:00:00.000Z')
    expect(expiryOf({ expiry: 'never', date: '2026-12-01' }, now)).toBeNull()
    const end = new Date(expiryOf({ expiry: 'date', date: '2026-12-01' }, now)!)
    expect([
      localDay(end),
      end.getHours(),
      end.getMinutes(),
    ]).toEqual(['2026-12-01', 23, 59])
    expect(expiryOf({ expiry: 'date', date: '' }, now)).toBeNull()
  })

  it('asks for nothing by default', () => {
    expect(toLinkInput(newLinkOptions(), undefined, now)).toEqual({
      title: null,
      message: null,
      password: null,
      expiresAt: null,
      maxDownloads: null,
    })
  })

  it('sends neither a password that is kept nor a day that stays', () => {
    const options = optionsOf(link)
    expect(options).toMatchObject({
      password: { mode: 'keep' },
      expiry: 'date',
      maxDownloads: 3,
    })
    expect(toLinkInput(options, link, now)).toEqual({ title: null, message: 'Thanks', maxDownloads: 3 })
    expect(toLinkInput({
      ...options,
      password: { mode: 'none', value: '' },
      expiry: 'never',
    }, link, now)).toMatchObject({ password: null, expiresAt: null })
    expect(toLinkInput({
      ...options,
      password: { mode: 'set', value: 'sesame-sesame' },
    }, link, now)).toMatchObject({ password: 'sesame-sesame' })
  })

  it('makes passwords that differ, read well, and favour no letter', () => {
    expect(generatePassword()).toMatch(/^(?:[a-hjkmnp-z2-9]{5}-){2}[a-hjkmnp-z2-9]{5}$/)
    expect(generatePassword()).not.toBe(generatePassword())
    let calls = 0
    // Bytes from 248 on would favour the first letters: they are thrown away.
    expect(generatePassword(bytes => bytes.fill(calls++ === 0
      ? 255
      : 0))).toBe('aaaaa-aaaaa-aaaaa')
    expect(calls).toBe(2)
  })
})
