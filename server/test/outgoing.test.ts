import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { loadConfig } from '../src/config/config.ts'
import { placeOf } from '../src/http/place-of-address.ts'
import { createLiveFacts } from '../src/live-facts.ts'
import { outgoing } from '../src/outgoing.ts'
import { createTestApp } from './test-app.ts'

const test = await createTestApp()
afterAll(() => test.close())
const src = new URL('../src/', import.meta.url)

it('connections to elsewhere are opened by the named files alone', () => {
  /** What opens one, or makes what does. */
  const opens = [
    /\bfetch\(/,
    /^import (?:\w+|\* as \w+) from 'node:(?:https?|http2|net|tls|dgram)'/m,
    /^import \{[^}]*\b(?:request|get|connect|createConnection)\b[^}]*\} from 'node:(?:https?|http2|net|tls|dgram)'/m,
    /\bnew (?:Socket|WebSocket|EventSource|PgBoss|pg\.(?:Client|Pool)|PreparingClient)\b/,
    /\bcreateTransport\(/,
    /from '(?:undici|axios|got|imapflow|minio|ws|openid-client|@aws-sdk\/[^']+)'/,
  ]
  const found = readdirSync(src, { recursive: true }).map(String).filter(path => path.endsWith('.ts') && !/\.(?:test|soak|contract|fixture)\.ts$|-support\.ts$/.test(path)).filter(path => opens.some(way => way.test(readFileSync(new URL(path, src), 'utf8').replaceAll(/^\s*(?:\*|\/\/|\/\*).*$/gm, ''))))
  const named = outgoing.flatMap(({ modules }) => modules)
  expect(found.length).toBeGreaterThan(6)
  expect(found.filter(path => !named.includes(path))).toEqual([])
  expect(named.filter(path => !found.includes(path))).toEqual([])
})

it.each([
  ['postgres://files:secret@localhost:5432/files', 'localhost', 'here'],
  ['postgres://files:secret@127.0.0.1/files', '127.0.0.1', 'here'],
  ['http://[::1]:9000', '::1', 'here'],
  ['postgres://files:secret@postgres/files', 'postgres', 'private'],
  ['http://minio:9000', 'minio', 'private'],
  ['https://10.1.2.3', '10.1.2.3', 'private'],
  ['https://[fd00::1]', 'fd00::1', 'private'],
  ['smtps://me:secret@mail.example.com:465', 'mail.example.com', 'outside'],
  ['https://203.0.113.7', '203.0.113.7', 'outside'],
  ['https://store.lan', 'store.lan', 'private'],
  ['/mnt/backup', null, 'here'],
])('%s is %s, %s', (address, host, place) => {
  expect(placeOf(address)).toEqual({ host, place })
})

it('is told by policy texts as the settings have it, without a secret', async () => {
  const config = loadConfig({
    DATABASE_URL: 'postgres://files:a-secret@postgres/files',
    SECRET_KEY: 'x'.repeat(43),
    PUBLIC_URL: 'https://files.example.com',
    SMTP_URL: 'smtps://files:a-secret@mail.example.com',
    MAIL_FROM: 'files@example.com',
    BACKUP_TO: '/mnt/backup',
  })
  const fact = createLiveFacts({ ...test.deps, config }).get('elsewhere')!
  const value = await fact.read()
  expect(value).toEqual([
    { name: 'database', host: 'postgres', place: 'private' },
    { name: 'mail', host: 'mail.example.com', place: 'outside' },
    { name: 'backups', host: null, place: 'here' },
  ])
  expect(JSON.stringify(value)).not.toContain('secret')
  for (const language of ['en', 'de', 'fr', 'es'] as const) {
    const lines = fact.words(value!, language).split('\n')
    expect(lines).toHaveLength(5)
    for (const line of lines) expect(line.match(/\|/g)).toHaveLength(4)
  }
  expect(fact.words(value!, 'de')).toContain('| mail.example.com | außerhalb, über das Internet |')
  expect(fact.words([], 'en')).toBe('Nothing leaves this deployment.')
})
