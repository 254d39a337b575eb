import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { eq } from 'drizzle-orm'
import { afterAll, expect, it } from 'vitest'
import { cookies } from '../src/cookies.ts'
import { hashPassword } from '../src/crypto/passwords.ts'
import { ENDED_SESSION_DAYS } from '../src/features/sessions/sessions.policy.ts'
import { users } from '../src/features/users/users.table.ts'
import { browserStorage } from '../src/http/browser-storage.ts'
import { createLiveFacts } from '../src/live-facts.ts'
import { createFile, createUser, createWorkspace } from './factories.ts'
import { createTestApp } from './test-app.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const sourcesOf = (folder: string) => readdirSync(root + folder, { recursive: true }).map(String).filter(path => /\.(?:ts|vue|html|js)$/.test(path) && !/\.test\.ts$|^api\/generated/.test(path)).map(path => ({
  path: `${folder}/${path}`,
  text: readFileSync(`${root}${folder}/${path}`, 'utf8'),
}))
const PASSWORD = 'drizzle-on-the-tin-roof'
const test = await createTestApp({
  // Nothing is sent: codes are asked for.
  env: { SMTP_URL: 'smtp://127.0.0.1:1', SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@example.com' },
})
afterAll(() => test.close())

it('cookies are set and cleared by the register alone', async () => {
  const users = sourcesOf('server/src').filter(({ text }) => /\.setCookie\(|\.clearCookie\(|set-cookie/i.test(text)).map(({ path }) => path)
  expect(users).toEqual(['server/src/http/cookies.ts'])
  const defined: unknown[] = []
  for (const { path } of sourcesOf('server/src').filter(source => source.path.endsWith('.cookies.ts'))) {
    defined.push(...Object.values(await import(root + path) as Record<string, unknown>).filter(value => typeof value === 'object'))
  }
  expect(new Set(cookies)).toEqual(new Set(defined))
  expect(sourcesOf('web/src').filter(({ text }) => /document\.cookie/.test(text))).toEqual([])
})

it('what the server sets is what the register says, as long as it says', async () => {
  const person = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash: await hashPassword(PASSWORD) }).where(eq(users.id, person.id))
  const workspace = await createWorkspace(test)
  const file = await createFile(test, workspace, { name: 'Report.pdf', content: 'the report' })
  const { body: { url } } = await test.call('POST', `/workspaces/${workspace.id}/links`, {
    token: workspace.owner.token,
    body: {
      itemIds: [file.id],
      maxDownloads: 3,
    },
  })
  const link = `/api/v1/public/links/${new URL(url).pathname.split('/').at(-1)}`
  const answers = [
    await test.app.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      headers: { 'user-agent': 'Mozilla/5.0', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
      payload: { email: person.email, password: PASSWORD },
    }),
    await test.app.inject({
      method: 'POST',
      url: '/api/v1/auth/email-code',
      payload: { email: person.email },
    }),
    await test.app.inject({ method: 'POST', url: `${link}/unlock`, payload: {} }),
    await test.app.inject({ method: 'POST', url: `${link}/download`, payload: {} }),
  ]
  const settings = await test.deps.instance.settings()
  const known = new Map(cookies.map(({ name, seconds }) => [
    name(test.config),
    seconds(settings),
  ]))
  const set = answers.flatMap(answer => answer.cookies as { name: string, maxAge?: number }[])
  expect(set.map(({ name }) => name).sort()).toEqual(cookies.map(({ name }) => name(test.config)).filter(name => name !== 'clientshare-oidc').sort())
  for (const { name, maxAge } of set) expect([name, maxAge! <= known.get(name)!]).toEqual([name, true])
})

it('the web keeps nothing in a browser but by its helpers, which take the register’s names alone', () => {
  const helpers = [
    'web/src/utils/browser-storage.ts',
    'web/src/composables/useKept.ts',
    'web/src/utils/site-data.ts',
    'web/src/uploader/memory.ts',
    'web/src/composables/useTheme.ts',
  ]
  const users = sourcesOf('web/src').filter(({ text }) => /\b(?:localStorage|sessionStorage|indexedDB)\b|\b(?:useLocalStorage|useSessionStorage|useStorage|useStorageAsync|openDB|useColorMode|caches)[.<(]/.test(text))
  expect(users.map(({ path }) => path).sort()).toEqual([...helpers].sort())
  // What a library keeps goes by the register's name too.
  for (const path of helpers.slice(2)) expect(users.find(source => source.path === path)!.text).toMatch(/storageKey\('/)
  // It runs before all else and takes no modules.
  const firstPaint = readFileSync(`${root}web/public/first-paint.js`, 'utf8')
  const known: string[] = browserStorage.map(({ key }) => key)
  const asked = [
    ...firstPaint.matchAll(/kept\('([^']+)'\)/g),
  ].map(([, key]) => key!)
  expect(asked.length).toBeGreaterThan(1)
  expect(asked.filter(key => !known.includes(key))).toEqual([])
})

it('is told by policy texts, by the settings of this moment', async () => {
  const operator = await createUser(test, { isOperator: true })
  const fact = createLiveFacts(test.deps).get('cookies')!
  const before = await fact.read()
  expect(JSON.parse(JSON.stringify(before))).toEqual(before)
  for (const language of ['en', 'de', 'fr', 'es'] as const) {
    const lines = fact.words(before!, language).split('\n')
    expect(lines).toHaveLength(2 + cookies.length + browserStorage.length)
    for (const line of lines) expect(line.match(/\|/g)).toHaveLength(4)
  }
  expect(fact.words(before!, 'en')).toContain('| `clientshare-session` (cookie) | Keeps you signed in, and says why a session has ended. Set when you sign in | 37 days |')
  await test.call('PATCH', '/admin/instance', {
    token: operator.token,
    body: { sessionIdleMinutes: 1440 },
  })
  expect(fact.words((await fact.read())!, 'de')).toContain(`| ${1 + ENDED_SESSION_DAYS} Tage |`)
})
