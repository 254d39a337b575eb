import type { FastifyInstance, InjectOptions } from 'fastify'
import { createAuthenticator } from '../authenticator.ts'
import { codeOf } from '../totp-code.ts'
import { fillFrontDoor } from './fill-front-door.ts'

export const SETUP_TOKEN = 'set-up-token-of-the-filled-database'
/** Of everybody in it. */
export const PASSWORD = 'drizzle-on-the-tin-roof'
export const OPERATOR = 'olga@example.com'

export interface CallOptions { token?: string, body?: unknown, form?: string | Buffer, bytes?: Buffer, ip?: string, headers?: Record<string, string>, refused?: true }

/**
 * Uses every feature a little, by the API alone, as people would. Later versions add what they learn; what stands is what older fixtures hold,
 * so nothing is taken away.
 * @param app of an empty database, that takes SETUP_TOKEN
 */
export async function fill(app: FastifyInstance): Promise<void> {
  /** By the path that they are for. */
  const cookies = new Map<string, string>()
  async function call(method: InjectOptions['method'], path: string, { token, body, form, bytes, ip = '192.0.2.10', headers, refused }: CallOptions = {}): Promise<any> {
    const response = await app.inject({
      method,
      url: `/api/v1${path}`,
      remoteAddress: ip,
      headers: {
        'user-agent': `Example browser of ${ip}`,
        ...(token && { authorization: `Bearer ${token}` }),
        ...(form !== undefined && { 'content-type': 'multipart/form-data; boundary=form' }),
        ...(bytes && { 'content-type': 'application/octet-stream' }),
        ...cookies.has(`/api/v1${path}`) && { cookie: cookies.get(`/api/v1${path}`) },
        ...headers,
      },
      payload: form === undefined
        ? bytes ?? body as object
        : Buffer.concat([
            Buffer.from('--form\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: application/octet-stream\r\n\r\n'),
            Buffer.from(form),
            Buffer.from('\r\n--form--\r\n'),
          ]),
    })
    for (const { name, value, path = '/' } of response.cookies as { name: string, value: string, path?: string }[]) cookies.set(path, `${name}=${value}`)
    const { statusCode } = response
    if (refused
      ? statusCode < 400 || statusCode >= 500
      : statusCode >= 300) {
      throw new Error(`${method} ${path} answered ${statusCode} ${response.body}`)
    }
    return /json/.test(String(response.headers['content-type'])) && response.body !== ''
      ? response.json()
      : response.rawPayload
  }
  const tokenOf = (url: string) => url.split('/').at(-1)!
  const follow = (url: string, ip?: string) => call('GET', new URL(url).pathname.slice('/api/v1'.length), { ip })

  const { accessToken: olga } = await call('POST', '/setup', {
    body: {
      token: SETUP_TOKEN,
      name: 'Olga Operator',
      email: OPERATOR,
      password: PASSWORD,
      instanceName: 'Harbour Files',
    },
  })
  await call('PATCH', '/admin/instance', {
    token: olga,
    body: { organisation: 'Harbour Ltd', contactEmail: 'contact@example.com' },
  })
  await call('PATCH', '/me', {
    token: olga,
    body: { locale: 'de' },
  })
  await call('PUT', '/me/picture', {
    token: olga,
    bytes: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
  })

  const harbour = await call('POST', '/workspaces', {
    token: olga,
    body: { name: 'Harbour', slug: 'harbour' },
  })
  const lighthouse = await call('POST', '/workspaces', {
    token: olga,
    body: { name: 'Lighthouse', slug: 'lighthouse' },
  })
  await call('PATCH', `/workspaces/${lighthouse.id}`, {
    token: olga,
    body: { name: 'Lighthouse & Sons' },
  })
  const [space] = (await call('GET', `/workspaces/${harbour.id}/spaces`, { token: olga })).items
  const rootId: string = space.rootFolderId
  const inHarbour = `/workspaces/${harbour.id}`

  async function join(name: string, ip: string, invitation: object): Promise<string> {
    const { url } = await call('POST', `${inHarbour}/invitations`, { token: olga, body: invitation })
    return (await call('POST', `/public/invitations/${tokenOf(url)}/accept`, {
      ip,
      body: { name, email: `${name.split(' ')[0]!.toLowerCase()}@example.com`, password: PASSWORD },
    })).session.accessToken
  }
  const ana = await join('Ana Admin', '192.0.2.21', { role: 'admin' })
  const sam = await join('Sam Staff', '192.0.2.22', { role: 'staff', spaceRole: 'editor' })
  await join('Gina Gone', '192.0.2.23', { role: 'staff', spaceRole: 'viewer' })
  await call('POST', `${inHarbour}/invitations`, {
    token: ana,
    body: { role: 'staff', email: 'invited@example.com' },
  })
  const revoked = await call('POST', `${inHarbour}/invitations`, {
    token: ana,
    body: { role: 'staff' },
  })
  await call('DELETE', `${inHarbour}/invitations/${revoked.id}`, { token: ana })
  const { items: members } = await call('GET', `${inHarbour}/members`, { token: ana })
  const memberOf = (name: string) => members.find((member: { name: string }) => member.name === name).id as string
  await call('PATCH', `${inHarbour}/members/${memberOf('Gina Gone')}`, {
    token: ana,
    body: { spaceRole: 'uploader' },
  })
  await call('DELETE', `${inHarbour}/members/${memberOf('Gina Gone')}`, { token: ana })

  const folder = async (parentId: string, name: string, headers: Record<string, string> = {}) =>
    (await call('POST', `${inHarbour}/folders`, {
      token: sam,
      ip: '192.0.2.22',
      body: { parentId, name },
      headers,
    })).id as string
  const contracts = await folder(rootId, 'Contracts', { 'idempotency-key': 'a-folder-once' })
  const older = await folder(contracts, 'Older ones')
  const empty = await folder(rootId, 'Empty')
  const file = async (parentId: string, name: string, content: string, more = '') =>
    (await call('POST', `${inHarbour}/files?${new URLSearchParams({ parentId, name })}${more}`, { token: sam, ip: '192.0.2.22', form: content })).id as string
  const offer = await file(rootId, 'Offer.txt', 'The first offer.')
  await file(rootId, 'Offer.txt', 'The second offer, which is better.', '&onConflict=replace')
  const overview = await file(contracts, 'Übersicht 名前.txt', 'An overview.')
  await file(contracts, 'Übersicht 名前.txt', 'An overview that says too much.', '&onConflict=replace')
  await call('POST', `/files/${overview}/versions/1/restore`, { token: sam, ip: '192.0.2.22' })
  const annex = await file(older, 'Annex A.txt', 'Annex A')
  const draft = await file(rootId, 'Draft.txt', 'Nobody needs this.')
  const note = await file(rootId, 'Note.txt', 'Thrown away by mistake.')
  const purged = await file(rootId, 'Purged.txt', 'Gone for good.')
  await call('PATCH', `/items/${overview}`, {
    token: sam,
    body: { name: 'Overview 名前.txt' },
  })
  await call('PATCH', `/items/${older}`, {
    token: sam,
    body: { name: 'Older contracts' },
  })
  await call('POST', `${inHarbour}/items/move`, {
    token: sam,
    body: {
      itemIds: [draft],
      parentId: contracts,
    },
  })
  await call('DELETE', `/items/${draft}`, { token: sam })
  await call('POST', `${inHarbour}/items/trash`, {
    token: ana,
    body: {
      itemIds: [note, purged, empty],
    },
  })
  await call('POST', `/items/${note}/restore`, { token: ana })
  await call('POST', `${inHarbour}/trash/purge`, {
    token: olga,
    body: {
      itemIds: [purged],
    },
  })

  const upload = async (name: string, bytes: Buffer) => {
    const made = await call('POST', `${inHarbour}/uploads`, {
      token: sam,
      body: { parentId: rootId, name, size: bytes.length },
    })
    const sendPart = () => call('PUT', `/uploads/${made.id}/parts/1`, { token: made.uploadToken, bytes })
    return { ...made, sendPart }
  }
  const film = await upload('Film.bin', Buffer.from('what comes in parts'))
  await film.sendPart()
  await call('POST', `/uploads/${film.id}/complete`, { token: film.uploadToken, body: {} })
  await (await upload('Half.bin', Buffer.from('all here, not yet a file'))).sendPart()
  const nothingYet = await upload('Nothing yet.bin', Buffer.from('not sent'))
  await call('PUT', `/uploads/${nothingYet.id}/parts/1`, {
    token: nothingYet.uploadToken,
    bytes: Buffer.from('damaged!'),
    headers: {
      'content-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:`,
    },
    refused: true,
  })
  const aborted = await upload('Aborted.bin', Buffer.from('not wanted'))
  await call('DELETE', `/uploads/${aborted.id}`, { token: aborted.uploadToken })

  await call('GET', `/files/${offer}/content`, { token: sam, ip: '192.0.2.22' })
  await follow((await call('POST', `/files/${annex}/download`, { token: ana })).url)
  await follow((await call('POST', `${inHarbour}/archives`, {
    token: ana,
    body: {
      itemIds: [offer, contracts],
    },
  })).url)

  const link = async (body: object) => call('POST', `${inHarbour}/links`, { token: sam, body })
  const open = await link({
    itemIds: [offer, contracts],
    title: 'The contracts',
    message: 'As promised',
    maxDownloads: 2,
  })
  const atOpen = `/public/links/${tokenOf(open.url)}`
  await call('GET', atOpen, { ip: '198.51.100.7' })
  await call('GET', `${atOpen}/items?${new URLSearchParams({ parentId: contracts })}`, { ip: '198.51.100.7' })
  await follow((await call('POST', `${atOpen}/download`, {
    ip: '198.51.100.7',
    body: { itemId: offer },
  })).url, '198.51.100.7')
  await follow((await call('POST', `${atOpen}/download`, { ip: '2001:db8::7', body: {} })).url, '2001:db8::7')
  await call('POST', `${atOpen}/download`, { ip: '198.51.100.8', body: {}, refused: true })
  const closed = await link({
    itemIds: [annex],
    password: 'open sesame',
  })
  const atClosed = `/public/links/${tokenOf(closed.url)}`
  await call('GET', atClosed, { ip: '198.51.100.9', refused: true })
  await call('POST', `${atClosed}/unlock`, {
    ip: '198.51.100.9',
    body: { password: 'open barley' },
    refused: true,
  })
  const { grant } = await call('POST', `${atClosed}/unlock`, {
    ip: '198.51.100.9',
    body: { password: 'open sesame' },
  })
  await call('GET', atClosed, {
    ip: '198.51.100.9',
    headers: { 'x-link-grant': grant },
  })
  await call('PATCH', `${inHarbour}/links/${closed.id}`, {
    token: sam,
    body: { title: 'Annex A alone' },
  })
  const gone = await link({
    itemIds: [overview],
  })
  await call('DELETE', `${inHarbour}/links/${gone.id}`, { token: ana })
  await call('GET', `/public/links/${tokenOf(gone.url)}`, { ip: '198.51.100.10', refused: true })

  await fillFrontDoor(call, { olga, sam, workspaceId: harbour.id })

  const { token: program } = await call('POST', '/me/tokens', {
    token: sam,
    body: {
      name: 'Nightly report',
      scopes: ['read', 'write'],
      workspaceId: harbour.id,
    },
  })
  await call('POST', `${inHarbour}/folders`, {
    token: program,
    ip: '203.0.113.7',
    body: { parentId: older, name: 'By a program' },
  })
  await call('POST', '/me/email', {
    token: sam,
    ip: '192.0.2.22',
    body: { email: 'sam.new@example.com', password: PASSWORD },
  })
  await call('PATCH', '/admin/instance', {
    token: olga,
    body: {
      registration: 'domain',
      registrationDomains: ['example.com'],
      sessionIdleMinutes: 14 * 1440,
      sessionTotalMinutes: 90 * 1440,
    },
  })
  await call('POST', '/admin/oidc-providers', {
    token: olga,
    body: {
      slug: 'harbour',
      name: 'Harbour ID',
      issuer: 'https://id.example',
      clientId: 'clientshare',
      clientSecret: 'known to both',
      trustedDomains: ['example.com'],
    },
  })
  await call('POST', '/auth/register', {
    ip: '203.0.113.8',
    body: { email: 'nell@example.com' },
  })
  const { items: [someone] } = await call('GET', '/admin/users', { token: olga })
  await call('POST', `/admin/users/${someone.id}/reset-link`, { token: olga })
  await call('PUT', '/me/notification-preferences', {
    token: olga,
    body: {
      choices: [
        { type: 'policy.published', workspaceId: null, channel: 'off' },
      ],
      digestHour: 7,
      quietHours: { from: 20, until: 7 },
      unsubscribed: ['weekly'],
    },
  })

  const isGiven = true
  await call('PUT', '/me/consents/product', { token: olga, body: { isGiven } })
  const { secret } = await call('POST', '/me/totp', { token: ana })
  await call('POST', '/me/totp/confirm', {
    token: ana,
    body: {
      code: codeOf(secret, new Date()),
    },
  })
  await call('POST', '/me/passkeys', {
    token: ana,
    body: {
      name: 'Ana’s phone',
      response: createAuthenticator({ origin: 'http://localhost:3000' }).create(await call('POST', '/me/passkeys/options', { token: ana })),
    },
  })
  await call('PUT', `${inHarbour}/second-factor`, {
    token: ana,
    body: { askedOf: 'admins', graceDays: 30 },
  })
  await call('POST', '/auth/email-code', {
    body: { email: 'nobody@example.com' },
  })
  // Left at the second step.
  await call('POST', '/auth/login', {
    body: { email: 'ana@example.com', password: PASSWORD },
  })

  const { id: announced } = await call('POST', '/admin/announcements', {
    token: olga,
    body: {
      kind: 'service',
      audience: { to: 'workspace', workspaceId: harbour.id },
      texts: {
        en: { subject: 'Maintenance on Saturday', markdown: 'We are **away** from 8 to 9.' },
        de: { subject: 'Wartung am Samstag', markdown: 'Wir sind von 8 bis 9 **nicht da**.' },
      },
    },
  })
  await call('POST', `/admin/announcements/${announced}/start`, { token: olga })
  await call('POST', `/me/announcements/${announced}/put-away`, { token: sam })

  await call('PATCH', '/admin/retention', {
    token: olga,
    body: { kind: 'mails', days: 60 },
  })

  await call('POST', '/auth/login', {
    ip: '203.0.113.6',
    body: { email: OPERATOR, password: 'not-her-password' },
    refused: true,
  })
  await call('POST', '/auth/login', {
    ip: '203.0.113.6',
    body: { email: OPERATOR, password: PASSWORD },
  })
}
