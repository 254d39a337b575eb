import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from './config.ts'
import { isPrivateHost, smtpServerOf } from './mail.ts'

const valid = {
  DATABASE_URL: 'postgres://user:hunter2@localhost/db',
  SECRET_KEY: 'k'.repeat(32),
}
const mail = { SMTP_URL: 'smtp://user:hunter2@smtp.example.com:587', MAIL_FROM: 'files@example.com' }

function problemsOf(env: Record<string, string>): string[] {
  try {
    loadConfig({
      ...valid,
      ...env,
    })
    return []
  }
  catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('the settings of mail', () => {
  it('may be absent, or whole', () => {
    expect(loadConfig(valid)).toMatchObject({ smtpAllowPlain: false, mailPerMinute: 120 })
    expect(loadConfig(valid)).not.toHaveProperty('smtpUrl')
    expect(loadConfig({
      ...valid,
      ...mail,
    })).toMatchObject({ smtpUrl: mail.SMTP_URL, mailFrom: 'files@example.com' })
    expect(problemsOf({ MAIL_FROM: 'files@example.com' })).toEqual([])
  })

  it.each([
    [
      { SMTP_URL: 'smtp.example.com:587' },
      'SMTP_URL must be smtp://user:password@host:587',
    ],
    [
      { SMTP_URL: 'http://smtp.example.com' },
      'SMTP_URL must be smtp://',
    ],
    [
      { SMTP_URL: 'smtp://user:hunt#r2@smtp.example.com' },
      '%23',
    ],
    [
      { SMTP_URL: 'smtp://user:hunt/r2@smtp.example.com' },
      '%2F',
    ],
    [
      { SMTP_URL: 'smtp://user:hunt%r2@smtp.example.com' },
      '%25',
    ],
    [
      { SMTP_URL: 'smtp://user@smtp.example.com' },
      'both a user and a password',
    ],
    [
      { SMTP_URL: mail.SMTP_URL, MAIL_FROM: '' },
      'MAIL_FROM does not say',
    ],
    [
      { MAIL_FROM: 'Files <files@example.com>' },
      'MAIL_FROM must be an e-mail address and nothing else',
    ],
    [
      { MAIL_REPLY_TO: 'help' },
      'MAIL_REPLY_TO must be an e-mail address',
    ],
    [
      { SMTP_ALLOW_PLAIN: 'true' },
      'smtp.example.com is neither',
    ],
    [
      { MAIL_PER_MINUTE: '0' },
      'MAIL_PER_MINUTE must be a whole number from 1',
    ],
    [
      { MAIL_DKIM_SELECTOR: 'files' },
      'must be set together',
    ],
    [
      { MAIL_DKIM_SELECTOR: 'files', MAIL_DKIM_KEY: 'hunter2' },
      'MAIL_DKIM_KEY must be an RSA private key',
    ],
    [
      {
        MAIL_DKIM_SELECTOR: 'files',
        MAIL_DKIM_KEY: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      },
      'MAIL_DKIM_KEY must be an RSA private key',
    ],
  ])('says what is wrong with %j, and no password', (env, words) => {
    const problems = problemsOf({
      ...mail,
      ...env,
    } as Record<string, string>)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(words)
    expect(problems[0]).not.toMatch(/hunt|r2/)
  })

  it('name a server', () => {
    expect(smtpServerOf('smtp://us%40er:p%3Aw%23@smtp.example.com')).toEqual({
      host: 'smtp.example.com',
      port: 587,
      tls: false,
      auth: { user: 'us@er', pass: 'p:w#' },
    })
    expect(smtpServerOf('smtps://[::1]')).toEqual({
      host: '::1',
      port: 465,
      tls: true,
      auth: undefined,
    })
  })

  it('know what is private', () => {
    for (const host of [
      'localhost',
      '127.0.0.1',
      '::1',
      '10.1.2.3',
      '192.168.0.9',
      '172.20.0.2',
      'fd00::1',
      'mail',
      'mx.lan',
      'mail.internal',
      'printer.local',
      '::ffff:10.0.0.1',
    ]) {
      expect([
        host,
        isPrivateHost(host),
      ]).toEqual([host, true])
    }
    for (const host of [
      'smtp.example.com',
      '8.8.8.8',
      '172.32.0.1',
      '2001:db8::1',
      'lan.example.com',
      '::ffff:8.8.8.8',
    ]) {
      expect([
        host,
        isPrivateHost(host),
      ]).toEqual([host, false])
    }
  })
})
