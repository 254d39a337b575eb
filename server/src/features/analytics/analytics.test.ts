import type { TestApp } from '../../../test/test-app.ts'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { caddyBinary, startSite } from '../../../test/caddy.ts'
import { listen } from '../../../test/sockets.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { ConfigError, loadConfig } from '../../config/config.ts'
import { createLiveFacts } from '../../live-facts.ts'
import { analyticsOf } from './analytics.policy.ts'

const noCaddy = caddyBinary
  ? ''
  : ' (skipped: no Caddy; install it or set CADDY_BINARY)'

const env = {
  ANALYTICS: 'plausible',
  ANALYTICS_URL: 'https://stats.example.com',
  ANALYTICS_SITE: 'files.example.com',
}

describe('visits of the pages for everybody', () => {
  let test: TestApp
  let webDir: string
  beforeAll(async () => {
    webDir = mkdtempSync(join(tmpdir(), 'clientshare-web-'))
    mkdirSync(join(webDir, 'assets'))
    for (const name of ['index.html', 'visitor.html', 'assets/app.js']) writeFileSync(join(webDir, name), name)
    test = await createTestApp({
      env: { ...env, WEB_DIR: webDir },
    })
  })
  afterAll(async () => {
    await test.close()
    rmSync(webDir, { recursive: true, force: true })
  })

  const instance = async (headers: Record<string, string> = {}) => (await test.app.inject({ url: '/api/v1/instance', headers })).json()
  const connectsTo = (policy: string | null | undefined) => /connect-src ([^;]*);/.exec(policy ?? '')?.[1]

  it('are told to the operator’s server, but not of those who ask not to be followed', async () => {
    const analytics = { tool: 'plausible', address: 'https://stats.example.com/api/event', site: 'files.example.com' }
    expect((await instance()).analytics).toEqual(analytics)
    expect((await instance({ 'dnt': '0', 'sec-gpc': '0' })).analytics).toEqual(analytics)
    expect((await instance({ dnt: '1' })).analytics).toBeNull()
    expect((await instance({ 'sec-gpc': '1' })).analytics).toBeNull()
    const twice = await test.app.inject({
      url: '/api/v1/instance',
      headers: {
        'sec-gpc': ['1', '0'],
      } as never,
    })
    expect(twice.statusCode).toBe(400)
  })

  it.each([
    ['/home', true],
    ['/contact', true],
    ['/policies', true],
    ['/policies/privacy/versions/2', true],
    ['/policiesque', false],
    ['/', false],
    ['/login', false],
    ['/s/a-token', false],
    ['/requests', false],
    ['/requests?token=secret', false],
    ['/invite/a-token', false],
  ])('may go there from %s: %s', async (url, may) => {
    const { headers } = await test.app.inject({
      url,
      headers: { accept: 'text/html' },
    })
    expect(connectsTo(headers['content-security-policy'] as string)).toBe(may
      ? '\'self\' https://stats.example.com'
      : '\'self\'')
  })

  it.skipIf(noCaddy)(`may go there from the same pages when Caddy sends them${noCaddy}`, async () => {
    const serverPort = await listen(test)
    for (const [settings, home] of [
      [
        { ANALYTICS_URL: env.ANALYTICS_URL },
        '\'self\' https://stats.example.com',
      ],
      [{}, '\'self\''],
    ] as const) {
      const site = await startSite({ serverPort, webDir, env: settings })
      try {
        const get = async (path: string) => connectsTo((await fetch(`http://127.0.0.1:${site.port}${path}`, {
          headers: { accept: 'text/html' },
        })).headers.get('content-security-policy'))
        expect(await get('/home')).toBe(home)
        expect(await get('/policies/privacy')).toBe(home)
        for (const path of [
          '/s/a-token',
          '/requests',
          '/login',
          '/assets/app.js',
        ]) expect(await get(path), path).toBe('\'self\'')
      }
      finally {
        await site.stop()
      }
    }
  })

  it('are what policies say of them, and nothing is said or sent without the settings', async () => {
    const facts = createLiveFacts(test.deps)
    const fact = facts.get('analytics')!
    expect(await fact.read()).toEqual({ tool: 'Plausible', host: 'stats.example.com' })
    for (const language of ['en', 'de', 'fr', 'es'] as const) {
      expect(fact.words(await fact.read(), language)).toMatch(/Plausible.*stats\.example\.com.*Do Not Track/s)
      expect(fact.words('off', language)).not.toContain('Plausible')
    }
    expect(await facts.get('elsewhere')!.read()).toContainEqual({ name: 'analytics', host: 'stats.example.com', place: 'outside' })
    expect(analyticsOf({})).toBeNull()
  })
})

describe('the settings of analytics', () => {
  const load = (settings: Record<string, string>) => loadConfig({
    DATABASE_URL: 'postgres://localhost/files',
    SECRET_KEY: 'x'.repeat(43),
    PUBLIC_URL: 'https://files.example.com',
    ...settings,
  })

  it.each([
    ['plausible', 'https://stats.example.com', 'https://stats.example.com/api/event'],
    ['matomo', 'https://example.com/matomo/', 'https://example.com/matomo/matomo.php'],
    ['umami', 'https://stats.example.com/', 'https://stats.example.com/api/send'],
  ])('%s at %s is told at %s', (tool, url, address) => {
    expect(analyticsOf(load({ ANALYTICS: tool, ANALYTICS_URL: url, ANALYTICS_SITE: '7' }))).toEqual({ tool, address, site: '7' })
  })

  it.each([
    [
      'one of three',
      { ANALYTICS: 'plausible' },
      /go together/,
    ],
    [
      'two of three',
      { ANALYTICS_URL: env.ANALYTICS_URL, ANALYTICS_SITE: 'x' },
      /go together/,
    ],
    [
      'a server that is not known',
      { ...env, ANALYTICS: 'google' },
      /ANALYTICS must be one of plausible, matomo, umami/,
    ],
    [
      'no scheme',
      { ...env, ANALYTICS_URL: 'stats.example.com' },
      /https:\/\//,
    ],
    [
      'a path without its slash',
      { ...env, ANALYTICS_URL: 'https://example.com/matomo' },
      /ANALYTICS_URL/,
    ],
    [
      'more rules',
      { ...env, ANALYTICS_URL: 'https://example.com; script-src *' },
      /ANALYTICS_URL/,
    ],
    [
      'a password',
      { ...env, ANALYTICS_URL: 'https://me:secret@example.com' },
      /ANALYTICS_URL/,
    ],
    [
      'a script',
      { ...env, ANALYTICS_SITE: '"><script>' },
      /ANALYTICS_SITE/,
    ],
  ])('are refused: %s', (_what, settings, problem) => {
    expect(() => load(settings)).toThrow(ConfigError)
    expect(() => load(settings)).toThrow(problem)
  })
})
