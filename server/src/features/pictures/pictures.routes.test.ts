import type { IncomingMessage } from 'node:http'
import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { Buffer } from 'node:buffer'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { crc32, deflateSync } from 'node:zlib'
import { eq } from 'drizzle-orm'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { addMember, createUser, createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { systemCaller } from '../../http/caller.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { throttles } from '../auth/throttles.table.ts'
import { MAX_KEPT_BYTES, MAX_SENT_BYTES, MAX_SENT_MS, MAX_UNDER_WAY } from './pictures.policy.ts'

let test: TestApp
let workspace: TestWorkspace
let ana: TestUser
beforeAll(async () => {
  test = await createTestApp()
  workspace = await createWorkspace(test)
  ana = await createUser(test, { name: 'Ana' })
  await addMember(test, workspace, 'staff', { user: ana })
})
// What one test sends is not counted against the next.
beforeEach(() => test.deps.db.delete(throttles))
afterAll(() => test.close())

async function send(method: 'GET' | 'PUT' | 'DELETE', path: string, user: TestUser, { bytes, headers }: { bytes?: Buffer, headers?: Record<string, string> } = {}) {
  const answer = await test.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: {
      authorization: `Bearer ${user.token}`,
      ...bytes && { 'content-type': 'application/octet-stream' },
      ...headers,
    },
    payload: bytes,
  })
  return {
    status: answer.statusCode,
    headers: answer.headers,
    bytes: answer.rawPayload,
    body: answer.rawPayload.length > 0 && /json/.test(String(answer.headers['content-type']))
      ? answer.json()
      : undefined,
  }
}
const put = (bytes: Buffer, user = ana, headers?: Record<string, string>) => send('PUT', '/me/picture', user, { bytes, headers })
const shown = (user: TestUser, whose = ana) => send('GET', `/users/${whose.id}/picture`, user)

const red = { r: 200, g: 30, b: 30 }
const canvas = (width: number, height: number, background = red) => sharp({
  create: {
    width,
    height,
    channels: 3,
    background,
  },
})
/** Noise, which compresses badly. */
const noise = (side: number) => sharp(Buffer.from(Array.from({ length: side * side * 3 }, (_, n) => (n * n * 31 + n * 7 + (n >> 5) * 131) & 255)), {
  raw: { width: side, height: side, channels: 3 },
})

const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)

const chunk = (type: string, data: Buffer) => {
  const body = Buffer.concat([
    Buffer.from(type, 'latin1'),
    data,
  ])
  const [length, sum] = [
    Buffer.alloc(4),
    Buffer.alloc(4),
  ]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
/** A PNG of a few bytes that says how large it is. */
function pngOf(width: number, height: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 0], 8)
  return Buffer.concat([
    Buffer.from([
      0x89,
      0x50,
      0x4E,
      0x47,
      0x0D,
      0x0A,
      0x1A,
      0x0A,
    ]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(100_000))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('a picture', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('is taken as %s, and kept as a square WebP of its middle', async (format) => {
    const sent = await canvas(1600, 900).toFormat(format).toBuffer()
    const { status, body } = await put(sent)
    expect([status, body]).toEqual([
      200,
      {
        picture: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ])
    const { bytes, headers } = await shown(ana)
    expect(headers).toMatchObject({
      'content-type': 'image/webp',
      'etag': `"${body.picture}"`,
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
    })
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 512, height: 512 })
  })

  it('is upright, and nothing stands in it besides what is seen', async () => {
    // Its left half is blue; turned by a quarter, as the camera says, that is the upper one.
    const sent = await canvas(400, 400)
      .composite([
        {
          input: {
            create: {
              width: 200,
              height: 400,
              channels: 3,
              background: { r: 20, g: 20, b: 220 },
            },
          },
          left: 0,
          top: 0,
        },
      ])
      .withExif({
        IFD0: { Artist: 'Ana of Hafenstrasse 4' },
        IFD3: { GPSLatitude: '53/1 33/1 0/1' },
      })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    expect(sent.includes('Exif')).toBe(true)
    expect((await put(sent)).status).toBe(200)
    const { bytes } = await shown(ana)
    const { exif, xmp, icc, orientation } = await sharp(bytes).metadata()
    expect([exif, xmp, icc, orientation]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(bytes.includes('Hafenstrasse')).toBe(false)
    const { data } = await sharp(bytes).resize(2, 2, { kernel: 'nearest' }).raw().toBuffer({ resolveWithObject: true })
    expect([
      data[2]! > 150,
      data[5]! > 150,
      data[6]! > 150,
      data[9]! > 150,
    ]).toEqual([true, true, true, true])
  })

  it('that is small stays so, and one that compresses badly is made small enough', async () => {
    await put(await canvas(40, 60).png().toBuffer())
    expect(await sharp((await shown(ana)).bytes).metadata()).toMatchObject({ width: 40, height: 40 })
    expect((await put(await noise(700).png().toBuffer())).status).toBe(200)
    expect((await shown(ana)).bytes.length).toBeLessThanOrEqual(MAX_KEPT_BYTES)
  })

  it('that moves is its first picture', async () => {
    const frames = Buffer.concat([
      await canvas(8, 8).raw().toBuffer(),
      await canvas(8, 8, { r: 0, g: 0, b: 255 }).raw().toBuffer(),
    ])
    const sent = await sharp(frames, {
      raw: {
        width: 8,
        height: 16,
        channels: 3,
        pageHeight: 8,
      },
    }).webp({
      lossless: true,
      loop: 0,
      delay: [100, 100],
    }).toBuffer()
    expect((await sharp(sent).metadata()).pages).toBe(2)
    expect((await put(sent)).status).toBe(200)
    const { bytes } = await shown(ana)
    const { pages = 1 } = await sharp(bytes).metadata()
    const [r, , b] = await sharp(bytes).raw().toBuffer()
    expect([pages, r! > b!]).toEqual([1, true])
  })

  it('is sent again only when it is another', async () => {
    const { body } = await put(await canvas(30, 30).png().toBuffer())
    const again = await send('GET', `/users/${ana.id}/picture`, ana, {
      headers: { 'if-none-match': `"${body.picture}"` },
    })
    expect([again.status, again.bytes.length]).toEqual([304, 0])
    const next = await put(await canvas(30, 30, { r: 0, g: 90, b: 0 }).png().toBuffer())
    expect(next.body.picture).not.toBe(body.picture)
    expect((await send('GET', `/users/${ana.id}/picture`, ana, {
      headers: { 'if-none-match': `"${body.picture}"` },
    })).status).toBe(200)
  })

  it.each([
    [
      'nothing',
      () => Buffer.alloc(0),
      'picture.unreadable',
    ],
    [
      'a text',
      () => Buffer.from('no picture'),
      'picture.unreadable',
    ],
    [
      'an SVG',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'),
      'picture.unreadable',
    ],
    [
      'an SVG behind an XML declaration',
      () => Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      'picture.unreadable',
    ],
    [
      'HTML',
      () => Buffer.from('<!doctype html><script>alert(1)</script>'),
      'picture.unreadable',
    ],
    [
      'a GIF',
      () => canvas(9, 9).gif().toBuffer(),
      'picture.unreadable',
    ],
    [
      'a TIFF',
      () => canvas(9, 9).tiff().toBuffer(),
      'picture.unreadable',
    ],
    [
      'HTML that begins as a PNG',
      () => Buffer.concat([
        Buffer.from([
          0x89,
          0x50,
          0x4E,
          0x47,
          0x0D,
          0x0A,
          0x1A,
          0x0A,
        ]),
        Buffer.from('<script>alert(1)</script>'),
      ]),
      'picture.unreadable',
    ],
    [
      'half a JPEG',
      async () => half(await noise(300).jpeg().toBuffer()),
      'picture.unreadable',
    ],
    [
      'half a PNG',
      async () => half(await noise(300).png().toBuffer()),
      'picture.unreadable',
    ],
    [
      'half a WebP',
      async () => half(await noise(300).webp({ lossless: true }).toBuffer()),
      'picture.unreadable',
    ],
    [
      'a PNG that says it has a thousand million pixels',
      () => pngOf(32_768, 32_768),
      'picture.too_many_pixels',
    ],
    [
      'a PNG that says it is one line of a hundred million',
      () => pngOf(100_000_000, 1),
      'picture.too_many_pixels',
    ],
  ] as const)('is refused when it is %s, whatever its type says, and the one before stays', async (_what, make, code) => {
    const { body: { picture } } = await put(await canvas(20, 20).png().toBuffer())
    const { status, body } = await put(await make(), ana, { 'content-type': 'image/png' })
    expect([status, body.code]).toEqual([422, code])
    expect((await shown(ana)).headers.etag).toBe(`"${picture}"`)
  })

  it('is refused when it has more than 10 MiB', async () => {
    const { status, body } = await put(Buffer.alloc(MAX_SENT_BYTES + 1))
    expect([status, body.code]).toEqual([413, 'request.too_large'])
  })
})

describe('whose picture', () => {
  it('is shown to its person, to who is in a workspace with them, and to operators; for others there is none', async () => {
    await put(await canvas(20, 20).png().toBuffer())
    const stranger = await createWorkspace(test)
    const operator = await createUser(test, { isOperator: true })
    const together = await addMember(test, workspace, 'staff')
    const client = await addMember(test, workspace, 'client')
    expect(await Promise.all([
      ana,
      workspace.owner,
      together,
      client,
      operator,
    ].map(async user => (await shown(user)).status))).toEqual([200, 200, 200, 200, 200])
    const nobody = {
      ...ana,
      id: crypto.randomUUID(),
    }
    expect(await Promise.all([
      shown(stranger.owner),
      shown(stranger.owner, nobody),
    ].map(async answer => (await answer).body.code))).toEqual(['not_found', 'not_found'])
    // Of who has none, in the same words.
    expect((await shown(ana, together)).body).toMatchObject({ code: 'not_found', detail: (await shown(stranger.owner)).body.detail })
  })

  it('stands beside its person: in their account, among members, and for operators', async () => {
    const { body: { picture } } = await put(await canvas(20, 20).png().toBuffer())
    const operator = await createUser(test, { isOperator: true })
    const [me, members, people] = await Promise.all([
      test.call('GET', '/me', { token: ana.token }),
      test.call('GET', `/workspaces/${workspace.id}/members`, { token: workspace.owner.token }),
      test.call('GET', `/admin/users?q=${ana.email}`, { token: operator.token }),
    ])
    expect([
      me.body.picture,
      members.body.items.find(({ userId }: { userId: string }) => userId === ana.id).picture,
      members.body.items.find(({ userId }: { userId: string }) => userId === workspace.owner.id).picture,
      people.body.items[0].picture,
    ]).toEqual([picture, picture, null, picture])
  })

  it('is taken away, once, and the log tells of both', async () => {
    const user = await createUser(test)
    await put(await canvas(20, 20).png().toBuffer(), user)
    expect((await send('DELETE', '/me/picture', user)).status).toBe(204)
    expect((await send('DELETE', '/me/picture', user)).status).toBe(204)
    expect((await shown(user, user)).status).toBe(404)
    expect((await toldEvents(test, eq(auditEvents.subjectId, user.id))).map(({ action, details }) => [action, details])).toEqual([
      [
        'user.changed',
        { picture: 'set' },
      ],
      [
        'user.changed',
        { picture: 'removed' },
      ],
    ])
  })

  it('is the last of two that are sent at once, whole', async () => {
    const user = await createUser(test)
    const answers = await Promise.all([
      red,
      { r: 0, g: 0, b: 9 },
    ].map(async background => put(await canvas(20, 20, background).png().toBuffer(), user)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const { headers } = await shown(user, user)
    expect(answers.map(({ body }) => `"${body.picture}"`)).toContain(headers.etag)
  })
})

describe('room for pictures', () => {
  it('is for twenty an hour of one person', async () => {
    const user = await createUser(test)
    for (let n = 0; n < 20; n++) expect((await put(Buffer.from('no picture'), user)).status).toBe(422)
    const { status, body } = await put(Buffer.from('no picture'), user)
    expect([status, body.code]).toEqual([429, 'rate.limited'])
    expect((await put(await canvas(20, 20).png().toBuffer())).status).toBe(200)
  })

  it('is not kept for one that comes drop by drop', async () => {
    const user = await createUser(test)
    const sending = request(`${await test.app.listen({ port: 0, host: '127.0.0.1' })}/api/v1/me/picture`, {
      method: 'PUT',
      headers: { 'authorization': `Bearer ${user.token}`, 'content-type': 'application/octet-stream' },
    })
    let answer: IncomingMessage | undefined
    sending.once('response', (response) => { answer = response })
    sending.write('.')
    // Counted just before it is read: who it is was asked by then, so that the clock may run.
    await expect.poll(() => test.deps.db.select().from(throttles)).toHaveLength(1)
    let passed = 0
    await expect.poll(() => {
      test.clock.advance(MAX_SENT_MS)
      passed += MAX_SENT_MS
      sending.write('.')
      return answer?.statusCode
    }).toBe(408)
    test.clock.advance(-passed)
    expect(await json(answer!)).toMatchObject({ code: 'request.timeout', detail: 'The picture did not arrive in time' })
    sending.destroy()
    expect((await shown(user, user)).status).toBe(404)
  })

  it('is for some at once, before anything of the next is read, and is given back', async () => {
    const [other, sent] = [await createUser(test), await canvas(20, 20).png().toBuffer()]
    const arrival = Promise.withResolvers<Buffer>()
    const waiting = Array.from({ length: MAX_UNDER_WAY }, () => test.deps.pictures.set(systemCaller, {
      ...ana,
      userId: ana.id,
      isOperator: false,
      steppedUpAt: null,
      owesAcceptance: false,
    }, () => arrival.promise))
    const { status, body, headers } = await put(sent, other)
    expect([
      status,
      body.code,
      headers['retry-after'],
    ]).toEqual([503, 'service.unavailable', '5'])
    arrival.reject(new Error('The body stopped'))
    expect((await Promise.allSettled(waiting)).map(answer => answer.status)).toEqual(waiting.map(() => 'rejected'))
    expect((await put(sent, other)).status).toBe(200)
  })
})
