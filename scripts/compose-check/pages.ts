import { request } from 'node:https'
import { assert, containersOf, docker, httpsUrl, same, until, url } from './stack.ts'

const html = { accept: 'text/html' }
const kept = 'public, max-age=31536000, immutable'

/** The web app as Caddy serves it: the rules of server/src/http/web-app.ts. */
export async function pagesAreServed(): Promise<void> {
  const [web] = containersOf('web')
  const asset = docker([
    'exec',
    web!,
    'bash',
    '-c',
    'cd /srv/web/assets && ls *.js.br | head -1',
  ]).trim().replace(/\.br$/, '')
  const answer = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(`${url}${path}`, { headers, method, redirect: 'manual' })
    const text = await response.text()
    for (const [name, value] of Object.entries({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'server': null,
      'strict-transport-security': null,
    })) same(response.headers.get(name), value, `${name} at ${path}`)
    assert(response.headers.get('content-security-policy')?.includes('default-src \'none\''), `No policy at ${path}`)
    return {
      response,
      text,
      is: [
        response.status,
        response.headers.get('cache-control'),
      ],
    }
  }
  for (const path of [
    '/',
    '/w/acme/files',
    '/a.b',
    '/index.html',
    '/visitor.html',
  ]) {
    const { text, is } = await answer(path, html)
    same([...is, text.includes('/src/visitor') || !text.includes('<html')], [200, 'no-cache', false], path)
  }
  const staff = (await answer('/', html)).text
  same((await answer('/.env', html)).text, staff, '/.env')
  for (const path of ['/assets/..%2f..%2f..%2fetc/caddy/Caddyfile', '/..%2fCaddyfile']) same((await answer(path, html)).response.status, 400, path)
  for (const path of ['/s/some-token', '/policies', '/policies/privacy']) {
    const { response, text, is } = await answer(path, html)
    same([
      ...is,
      text === staff,
      response.headers.get('x-robots-tag'),
    ], [
      200,
      'no-cache',
      false,
      path.startsWith('/s/')
        ? 'noindex'
        : null,
    ], path)
  }
  for (const path of [
    '/assets/',
    '/assets/gone.js',
    `/assets/${asset}.br`,
    `/assets/${asset}.map`,
    '/api/v1/nothing',
    '/healthz/x',
  ]) {
    const { response, text, is } = await answer(path, html)
    same([
      ...is,
      response.headers.get('content-type'),
      (JSON.parse(text) as { code: string }).code,
    ], [
      404,
      'no-store',
      'application/problem+json',
      'not_found',
    ], path)
  }
  same((await answer('/w/acme', { accept: 'application/json' })).is[0], 404, 'A page for programs')
  same((await answer('/w/acme', {}, 'POST')).is[0], 404, 'POST to a page')
  same((await answer('/gone.js', { accept: '*/*' })).is[0], 404, 'A missing script')
  for (const encoding of ['br', 'gzip', 'identity']) {
    const { response, is } = await answer(`/assets/${asset}`, { 'accept-encoding': encoding })
    same([
      ...is,
      response.headers.get('content-encoding'),
      response.headers.get('vary')?.toLowerCase(),
    ], [
      200,
      kept,
      encoding === 'identity'
        ? null
        : encoding,
      'accept-encoding',
    ], `${encoding} of a hashed file`)
    const again = await answer(`/assets/${asset}`, {
      'accept-encoding': encoding,
      'if-none-match': response.headers.get('etag')!,
    })
    same(again.is[0], 304, 'A hashed file asked for again')
  }
}

/** With DOMAIN alone; the name is localhost here, for which Caddy is its own authority. */
export async function httpsIsOn(): Promise<void> {
  const get = (path: string) => new Promise<{ status: number, headers: Record<string, unknown> }>((resolve, reject) => {
    request(`${httpsUrl}${path}`, { rejectUnauthorized: false, headers: html, agent: false }, (response) => {
      response.resume()
      resolve({ status: response.statusCode!, headers: response.headers })
    }).on('error', reject).end()
  })
  await until('a certificate', async () => (await get('/healthz').catch(() => undefined))?.status === 200)
  for (const path of ['/', '/api/v1/instance']) {
    const { status, headers } = await get(path)
    same([status, headers['strict-transport-security']], [200, 'max-age=31536000'], `https ${path}`)
  }
  const plain = await fetch(`${url}/sign-in`, { redirect: 'manual' })
  same([
    plain.status,
    plain.headers.get('location'),
  ], [308, 'https://localhost/sign-in'], 'http')
}
