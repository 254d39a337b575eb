import type { FastifyInstance } from 'fastify'
import type { TestApp } from '../../test/test-app.ts'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp } from '../../test/test-app.ts'

const page = '<!doctype html><title>The app</title>'
const visitorPage = '<!doctype html><title>For visitors</title>'
const script = 'console.log(1)'

describe('the web app', () => {
  let folder: string
  let test: TestApp
  let app: FastifyInstance
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientshare-web-'))
    const webDir = join(folder, 'dist')
    mkdirSync(join(webDir, 'assets'), { recursive: true })
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    writeFileSync(join(webDir, 'index.html'), page)
    writeFileSync(join(webDir, 'visitor.html'), visitorPage)
    writeFileSync(join(webDir, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
    writeFileSync(join(webDir, '.env'), 'secret')
    writeFileSync(join(webDir, 'assets/app-1a2b.js'), script)
    writeFileSync(join(webDir, 'assets/app-1a2b.js.map'), 'secret')
    writeFileSync(join(webDir, 'assets/app-1a2b.js.gz'), gzipSync(script))
    writeFileSync(join(webDir, 'assets/app-1a2b.js.br'), 'brotli')
    test = await createTestApp({
      env: { WEB_DIR: webDir },
    })
    app = test.app
    await app.listen({ port: 0, host: '127.0.0.1' })
  })
  afterAll(async () => {
    await test.close()
    rmSync(folder, { recursive: true })
  })
  const get = (url: string, headers: Record<string, string> = { accept: 'text/html,*/*;q=0.8' }, method: 'GET' | 'HEAD' = 'GET') => app.inject({ method, url, headers })

  it.each([
    '/',
    '/w/acme/files',
    '/invite/abcdef',
    '/sessions',
    '/sign-in?next=/',
    '/a.b',
    '/index.html',
    '/visitor.html',
  ])('answers %s with its page, asked for again each time', async (url) => {
    const response = await get(url)
    expect([response.statusCode, response.body]).toEqual([200, page])
    expect(response.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
    expect(response.headers['content-security-policy']).toContain('default-src \'none\'')
    const again = await get(url, { 'accept': 'text/html', 'if-none-match': response.headers.etag as string })
    expect([again.statusCode, again.body]).toEqual([304, ''])
  })

  it.each([
    '/s/abcdef',
    '/s/abcdef?folder=1',
    '/policies',
    '/policies/privacy/versions/2',
  ])('answers %s with the page of visitors', async (url) => {
    const response = await get(url)
    expect([response.statusCode, response.body, response.headers['cache-control']]).toEqual([
      200,
      visitorPage,
      'no-cache',
    ])
  })

  it('answers HEAD like GET, without the page', async () => {
    const response = await get('/w/acme', undefined, 'HEAD')
    expect([response.statusCode, response.body, response.headers['content-length']]).toEqual([
      200,
      '',
      String(page.length),
    ])
  })

  it('keeps pages of links and invitations out of search engines', async () => {
    expect((await get('/s/abcdef')).headers['x-robots-tag']).toBe('noindex')
    expect((await get('/invite/abcdef')).headers['x-robots-tag']).toBe('noindex')
    expect((await get('/policies/privacy')).headers['x-robots-tag']).toBeUndefined()
  })

  it('lets hashed files be kept for ever, and the others be asked for again', async () => {
    const asset = await get('/assets/app-1a2b.js', {})
    expect([asset.statusCode, asset.body]).toEqual([200, script])
    expect(asset.headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable', 'content-type': 'application/javascript; charset=utf-8' })
    expect((await get('/favicon.svg', {})).headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'image/svg+xml' })
  })

  it('sends what was compressed beforehand to those who can read it', async () => {
    const gzip = await get('/assets/app-1a2b.js', { 'accept-encoding': 'gzip' })
    expect([gzip.headers['content-encoding'], gzip.headers['content-type'], gzip.headers.vary]).toEqual(['gzip', 'application/javascript; charset=utf-8', 'accept-encoding'])
    expect(gzip.rawPayload).toEqual(gzipSync(script))
    expect((await get('/assets/app-1a2b.js', { 'accept-encoding': 'br, gzip' })).body).toBe('brotli')
    expect((await get('/assets/app-1a2b.js', { 'accept-encoding': 'identity' })).headers.vary).toBe('accept-encoding')
  })

  it.each([
    '/assets/gone-3c4d.js',
    '/assets/',
    '/assets',
    '/assets/app-1a2b.js.map',
    '/assets/app-1a2b.js.gz',
    '/api/v1/nothing',
    '/api',
    '/api/',
    '/healthz/x',
  ])('answers %s with 404, not with its page', async (url) => {
    const response = await get(url)
    expect([response.statusCode, response.json().code]).toEqual([404, 'not_found'])
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(response.headers['cache-control']).toBe('no-store')
  })

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/.env',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/%00',
    '/assets/app-1a2b.js%00.html',
    '/./.env',
  ])('gives nothing away at %s', async (url) => {
    // Over a socket: inject would tidy the address up.
    const { port } = app.server.address() as { port: number }
    const body = await new Promise<string>((resolve, reject) => {
      request({
        port,
        host: '127.0.0.1',
        path: url,
        headers: { accept: 'text/html' },
        agent: false,
      }, (response) => {
        text(response).then(resolve, reject)
      }).on('error', reject).end()
    })
    expect(body === page || JSON.parse(body).status >= 400).toBe(true)
  })

  it('gives its page only to those who can show it', async () => {
    expect((await get('/w/acme', { accept: 'application/json' })).statusCode).toBe(404)
    expect((await get('/w/acme', { accept: '*/*' })).statusCode).toBe(200)
    expect((await get('/gone.js', { accept: '*/*' })).statusCode).toBe(404)
    expect((await app.inject({ method: 'POST', url: '/w/acme' })).statusCode).toBe(404)
  })

  it('leaves the API alone', async () => {
    expect((await get('/healthz')).json()).toEqual({ status: 'ok' })
    expect((await get('/api/v1/openapi.json')).json().openapi).toBe('3.1.0')
  })
})

describe('without a web app', () => {
  it.each(['', '/nowhere/at/all'])('there is the API only (WEB_DIR=%j)', async (webDir) => {
    const test = await createTestApp({
      env: { WEB_DIR: webDir },
    })
    const response = await test.app.inject({
      url: '/',
      headers: { accept: 'text/html' },
    })
    const health = await test.app.inject('/healthz')
    await test.close()
    expect([response.statusCode, response.json().code, health.statusCode]).toEqual([404, 'not_found', 200])
  })
})
