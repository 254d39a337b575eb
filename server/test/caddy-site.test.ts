import type { TestApp } from './test-app.ts'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { caddyBinary, startSite } from './caddy.ts'
import { answersTo, listen } from './sockets.ts'
import { createTestApp } from './test-app.ts'

const why = caddyBinary
  ? ''
  : ' (skipped: no Caddy; install it or set CADDY_BINARY)'

describe.skipIf(why)(`the site of the compose file, beside its server alone${why}`, () => {
  let test: TestApp
  let webDir: string
  let site: Awaited<ReturnType<typeof startSite>>
  let direct: number
  beforeAll(async () => {
    webDir = mkdtempSync(join(tmpdir(), 'clientshare-web-'))
    mkdirSync(join(webDir, 'assets'))
    for (const name of ['index.html', 'visitor.html', 'assets/app.js']) writeFileSync(join(webDir, name), `this is ${name}`)
    test = await createTestApp({
      env: { WEB_DIR: webDir, TRUSTED_PROXIES: '127.0.0.1' },
    })
    direct = await listen(test)
    site = await startSite({ serverPort: direct, webDir })
  })
  afterAll(async () => {
    await site?.stop()
    await test?.close()
    rmSync(webDir, { recursive: true, force: true })
  })

  const ask = async (port: number, first: string, headers: string[] = [], body = '') => {
    const [answer] = await answersTo(port, [
      first,
      'Host: 127.0.0.1',
      ...headers,
      'Connection: close',
      '',
      body,
    ].join('\r\n'))
    return answer!
  }
  const both = async (...request: [first: string, headers?: string[], body?: string]) => [await ask(direct, ...request), await ask(site.port, ...request)] as const
  /** A problem without what differs from one request to the next. */
  const told = ({ status, head, body }: Awaited<ReturnType<typeof ask>>) => ({
    status,
    type: /^content-type: (.*)$/im.exec(head)?.[1],
    retryAfter: /^retry-after:/im.test(head),
    code: body.code,
    page: body.code === undefined && body.length > 0
      ? body
      : undefined,
  })

  it.each([
    '//assets/app.js',
    '/assets//app.js',
    '/assets/./app.js',
    '/assets/../assets/app.js',
    '/assets/%2e%2e/index.html',
    '/assets/%2E/app.js',
    '/api/../assets/app.js',
    '/api/%2e%2e/',
    '/assets%2fapp.js',
    '/assets/%2Fapp.js',
    '/api%2fv1/instance',
    '/..',
    '/.',
    '/s//token',
    '/s/token/..',
    '/api/v1//instance',
    '/healthz/.',
    '/a%5cb',
  ])('refuses what others would read as another address: %s', async (path) => {
    for (const accept of ['text/html', '*/*', 'application/json']) {
      const [own, proxied] = await both(`GET ${path} HTTP/1.1`, [`Accept: ${accept}`])
      expect(told(own)).toEqual({
        status: 400,
        type: 'application/problem+json',
        retryAfter: false,
        code: 'request.invalid',
      })
      expect(told(proxied)).toEqual(told(own))
    }
  })

  it.each([
    '/',
    '/assets/app.js',
    '/%61ssets/app.js',
    '/assets/app.js?from=//x/../y',
    '/assets/none.js',
    '/w/acme/files',
    '/w/acme/a..b',
    '/...',
    '/.env',
    '/s/token',
    '/unsubscribe/token',
    '/policies/privacy',
    '/policies/feed.xml',
    '/policies/none.md',
    '/policies/none.md?language=de',
    '/index.html',
    '/api/v1/instance',
    '/api/v1/me',
    '/api/v1/nothing',
    '/healthz',
  ])('answers alike: %s', async (path) => {
    for (const accept of ['text/html', '*/*', 'application/json']) {
      const [own, proxied] = await both(`GET ${path} HTTP/1.1`, [`Accept: ${accept}`])
      const { type: _own, ...ownAnswer } = told(own)
      const { type: _proxied, ...answer } = told(proxied)
      expect([path, accept, answer]).toEqual([path, accept, ownAnswer])
    }
  })

  const json = 'Content-Type: application/json'
  const chunked = 'Transfer-Encoding: chunked'
  it.each([
    ['no number', 'zz\r\nhello\r\n0\r\n\r\n'],
    ['longer than it says', '5\r\nhelloXX\r\n0\r\n\r\n'],
    ['of more bytes than there are', 'ffffffffffffffffff\r\nhello'],
    ['with a trailer that is none', '5\r\nhello\r\n0\r\nno trailer\r\n\r\n'],
  ])('a chunk that is broken is the client’s fault: %s', async (_how, body) => {
    const [own, proxied] = await both('POST /api/v1/auth/login HTTP/1.1', [json, chunked], body)
    expect(told(own)).toEqual({
      status: 400,
      type: 'application/problem+json',
      retryAfter: false,
      code: 'request.malformed',
    })
    expect(told(proxied)).toEqual(told(own))
  })

  it.each([
    ['Authorization', 'Bearer a'],
    ['Content-Type', 'application/json'],
    ['Range', 'bytes=0-1'],
    ['If-Match', '"1"'],
    ['Idempotency-Key', 'k'],
    ['X-Link-Grant', 'x'],
  ])('a second %s is refused', async (name, value) => {
    const [own, proxied] = await both('GET /api/v1/me HTTP/1.1', [`${name}: ${value}`, `${name}: ${value}2`])
    expect(told(own)).toEqual({
      status: 400,
      type: 'application/problem+json',
      retryAfter: false,
      code: 'request.invalid',
    })
    expect(told(proxied)).toEqual(told(own))
  })

  it('what a mail’s program posts to a page’s address comes to the server', async () => {
    const body = 'List-Unsubscribe=One-Click'
    const [own, proxied] = await both('POST /unsubscribe/token HTTP/1.1', ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`], body)
    expect(told(own)).toMatchObject({ status: 404, code: 'not_found' })
    expect(told(proxied)).toEqual(told(own))
  })

  it('a second Host or length is refused', async () => {
    // Caddy's own server refuses these before it has a site; as plain text.
    for (const headers of [
      ['Host: localhost'],
      ['Content-Length: 1', 'Content-Length: 2'],
    ]) {
      const answers = await both('POST /api/v1/auth/login HTTP/1.1', headers)
      expect(answers.map(answer => answer.status)).toEqual([400, 400])
    }
  })

  it('a server that is not there is still one that does not answer', async () => {
    const alone = await startSite({ serverPort: 1, webDir })
    try {
      expect(told(await ask(alone.port, 'POST /api/v1/auth/login HTTP/1.1', [json, 'Content-Length: 2'], '{}'))).toEqual({
        status: 503,
        type: 'application/problem+json',
        retryAfter: true,
        code: 'service.unavailable',
      })
    }
    finally {
      await alone.stop()
    }
  })
})
