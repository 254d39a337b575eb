import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { noteServerTime } from '../../api/server-time.ts'
import { createFormat } from '../../utils/format.ts'
import { expiryOf, generatePassword, localDay, newLinkOptions, optionsOf, protectionOf, protectionWords, toLinkInput } from './link-options.ts'
import de from './locales/de.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }

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

  it('ends after 30 days and asks for nothing else by default', () => {
    expect(toLinkInput(newLinkOptions(), undefined, now)).toEqual({
      title: null,
      message: null,
      password: null,
      expiresAt: '2026-12-23T10:00:00.000Z',
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

  it('says how the link will be protected, as the options are changed', () => {
    const say = (locale: 'en' | 'de', ...of: Parameters<typeof protectionOf>) => {
      const { t } = createI18n({
        legacy: false,
        locale,
        messages: {
          en: { links: en },
          de: { links: de },
        },
      }).global
      return protectionWords(protectionOf(...of), t as Parameters<typeof protectionWords>[1], createFormat(locale === 'en'
        ? 'en-GB'
        : 'de-DE'))
    }
    const options = newLinkOptions()
    expect(say('en', options, undefined, now)).toBe('No password · expires 23 Dec 2026 · unlimited downloads')
    options.expiry = 'never'
    expect(say('en', options, undefined, now)).toBe('No password · never expires · unlimited downloads')
    expect(say('de', options, undefined, now)).toBe('Kein Passwort · läuft nie ab · unbegrenzt viele Downloads')
    options.password = { mode: 'set', value: 'sesame-sesame' }
    options.expiry = 'date'
    options.maxDownloads = 1
    expect(say('en', options, undefined, now)).toBe('With a password · ends on a day that you choose · one download')
    options.date = '2026-12-24'
    options.maxDownloads = 3
    expect(say('en', options, undefined, now)).toBe('With a password · expires 24 Dec 2026 · at most 3 downloads')
    expect(say('de', options, undefined, now)).toBe('Mit Passwort · läuft am 24.12.2026 ab · höchstens 3 Downloads')
  })

  it('says of a link what it has: its password that is kept, its very moment', () => {
    expect(protectionOf(optionsOf(link), link, now)).toEqual({ hasPassword: true, expiresAt: link.expiresAt, maxDownloads: 3 })
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
