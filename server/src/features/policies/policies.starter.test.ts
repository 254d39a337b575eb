import type { StarterSettings } from './policies.placeholders.ts'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/config.ts'
import { retentionKinds } from '../../retention-kinds.ts'
import { isSettable, spanOfDays } from '../../retention/define-retention.ts'
import { placeholdersIn } from './policies.placeholders.ts'
import { starterFacts, starterText } from './policies.starter.ts'

const keptByDefault = retentionKinds.map(kind => ({
  kind,
  span: isSettable(kind)
    ? spanOfDays(kind.days.default)
    : kind.keeps,
}))
const factsFor = (publicUrl: string, settings: Partial<StarterSettings> = {}) => starterFacts({
  name: 'Files',
  organisation: 'Example & Sons',
  contactEmail: 'privacy@example.com',
  postalAddress: '1 Main Street\n12345 Town',
  publicUrl,
  sessionIdleMinutes: 30 * 1440,
  sessionTotalMinutes: null,
  ...settings,
}, loadConfig({
  DATABASE_URL: 'postgres://x/y',
  SECRET_KEY: 'x'.repeat(32),
  PUBLIC_URL: publicUrl,
}), keptByDefault)
const kinds = ['privacy', 'terms', 'imprint', 'page'] as const

describe('the starter texts', () => {
  it('name who is responsible, where, and the cookies by their real names', () => {
    const { title, markdown } = starterText('privacy', factsFor('https://files.example.com'))
    expect(title).toBe('Privacy policy')
    for (const part of [
      'Example & Sons',
      'privacy@example.com',
      '1 Main Street, 12345 Town',
      'https://files.example.com',
      '`__Host-clientshare-session`',
      '`clientshare-link-grant`',
      '30 days',
      '60 minutes',
      '180 days after the answer',
      '30 days after it was marked as spam',
    ]) expect(markdown).toContain(part)
    const strict = starterText('privacy', factsFor('https://x.example', { sessionIdleMinutes: 90, sessionTotalMinutes: 720 })).markdown
    expect(strict).toContain('ends 90 minutes after its last use at the latest, 12 hours after the sign-in, or when you sign out')
    expect(starterText('privacy', factsFor('http://localhost:3000')).markdown).toContain('`clientshare-session`')
  })

  it('say which setting is missing', () => {
    const left = placeholdersIn(starterText('imprint', factsFor('https://x.example', { organisation: ' ', contactEmail: '', postalAddress: '\n' })).markdown)
    expect(left).toEqual(expect.arrayContaining([
      'Name of the organisation (Instance settings → Organisation)',
      'Contact e-mail (Instance settings → Contact e-mail)',
      'Postal address (Instance settings → Postal address)',
    ]))
  })

  it.each(kinds)('hold something for the operator to do: %s', (kind) => {
    expect(placeholdersIn(starterText(kind, factsFor('https://x.example')).markdown)).not.toEqual([])
  })

  it.each(kinds)('hold no HTML of ours, and nothing of a setting becomes Markdown: %s', (kind) => {
    const { markdown } = starterText(kind, factsFor('https://x.example', { organisation: '<b>A</b> *B* [c](d) `e` | f', postalAddress: '# x' }))
    expect(markdown.replaceAll(/\\<|<https?:[^>]*>/g, '')).not.toMatch(/<[a-z/]/i)
    expect(markdown).not.toContain('[c](d)')
  })
})

describe('placeholdersIn', () => {
  it.each([
    ['none in plain text', 'See [[1]](#note) and `[[x]]`', []],
    [
      'each of several',
      'a [[TO DO: one]] b\n> [[TO DO: two]]',
      ['one', 'two'],
    ],
    [
      'one that lost its end',
      '[[TO DO: half',
      ['half'],
    ],
  ])('finds %s', (_what, text, found) => {
    expect(placeholdersIn(text)).toEqual(found)
  })
})
