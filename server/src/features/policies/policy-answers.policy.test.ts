import { describe, expect, it } from 'vitest'
import { answersOf, noAnswers, questionsOf, webAddress } from './policy-answers.policy.ts'

const settings = { organisation: '', postalAddress: '', contactEmail: '' }
const config = {
  deployment: 'self-hosted' as const,
  backupKeepDaily: 7,
  backupKeepWeekly: 4,
  backupKeepMonthly: 12,
}

describe('backups', () => {
  const withBackups = { ...config, backupTo: 's3', backupS3Endpoint: 'https://s3.example.com' }

  it('that this server makes itself are known, for as long as the oldest of them lives', () => {
    const answers = answersOf(settings, noAnswers, withBackups)
    expect(answers.backups).toEqual({ days: 372, place: 's3.example.com' })
    expect(questionsOf(answers, noAnswers).find(({ name }) => name === 'backups')).toEqual({ name: 'backups', state: 'known', source: 'BACKUP_TO' })
    expect(answersOf(settings, noAnswers, { ...withBackups, backupKeepMonthly: 0 }).backups!.days).toBe(28)
    expect(answersOf(settings, noAnswers, {
      ...withBackups,
      backupKeepDaily: 0,
      backupKeepWeekly: 0,
      backupKeepMonthly: 0,
    }).backups!.days).toBe(1)
  })

  it('in a folder have no place that readers would know', () => {
    expect(answersOf(settings, noAnswers, { ...config, backupTo: '/mnt/backup' }).backups!.place).toBe('')
  })

  it('are as the operator says, where they say it', () => {
    const kept = {
      ...noAnswers,
      backups: { days: 400, place: 'Hamburg' },
    }
    const answers = answersOf(settings, kept, withBackups)
    expect(answers.backups).toEqual(kept.backups)
    expect(questionsOf(answers, kept).find(({ name }) => name === 'backups')).toEqual({ name: 'backups', state: 'answered', source: 'answers' })
  })
})

it.each([
  ['https://example.com', 'https://example.com/'],
  ['http://example.com/a b', 'http://example.com/a%20b'],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['//example.com', undefined],
  ['example.com', undefined],
  ['https://me:you@example.com', undefined],
])('takes %s as %s', (text, address) => {
  expect(webAddress(text)).toBe(address)
})
