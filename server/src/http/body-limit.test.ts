import type { TestUser } from '../../test/factories.ts'
import type { TestApp } from '../../test/test-app.ts'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setUpInstance } from '../../test/factories.ts'
import { createTestApp } from '../../test/test-app.ts'
import { bodyBytesOf, isTooDeep } from './body-limit.ts'
import { Body, Line, Nullable, Uuid } from './schemas.ts'

/** As a client writes it that escapes whatever it can. */
const escaped = (value: unknown) => JSON.stringify(value, null, 2).replaceAll(/[^\0-\x7F]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

describe('the bytes that a body can need', () => {
  const id = '01900000-0000-7000-8000-000000000000'
  it.each([
    [
      'a line',
      Body({
        name: Line(120),
      }),
      {
        name: '😀'.repeat(120),
      },
    ],
    [
      'several',
      Body({
        itemIds: Type.Array(Uuid, { maxItems: 1000 }),
        note: Nullable(Type.String({ maxLength: 2000 })),
      }),
      {
        itemIds: Array.from({ length: 1000 }).fill(id),
        note: '\u0001'.repeat(2000),
      },
    ],
    [
      'a number, a choice',
      Body({
        size: Type.Integer(),
        kind: Type.String({
          enum: ['privacy', 'terms'],
        }),
        on: Type.Boolean(),
      }),
      { size: Number.MIN_SAFE_INTEGER, kind: 'privacy', on: false },
    ],
  ])('are enough for %s', (_what, schema, value) => {
    const bytes = Buffer.byteLength(escaped(value))
    expect(bodyBytesOf(schema)).toBeGreaterThan(bytes)
    expect(bodyBytesOf(schema)).toBeLessThan(3 * bytes + 2048)
  })

  it('must have a bound', () => {
    expect(() => bodyBytesOf(Body({
      list: Type.Array(Body({
        word: Type.String(),
      }), { maxItems: 3 }),
    }))).toThrow('“word”')
    expect(() => bodyBytesOf(Body({
      list: Type.Array(Uuid),
    }))).toThrow('“list”')
    expect(() => bodyBytesOf(Type.Any())).toThrow('“body”')
  })
})

it.each([
  ['[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]', false],
  ['[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]', true],
  [`[${'[],'.repeat(1000)}[]]`, false],
  [`{"a":"${'['.repeat(1000)}"}`, false],
  [String.raw`{"a":"\"${'{'.repeat(1000)}\\"}`, false],
  [String.raw`["\\",${'['.repeat(17)}`, true],
  [
    '{"a":'.repeat(17),
    true,
  ],
])('nesting is seen without parsing: %.40s', (text, tooDeep) => {
  expect(isTooDeep(text)).toBe(tooDeep)
})

describe('routes', () => {
  let test: TestApp
  let operator: TestUser
  beforeAll(async () => {
    test = await createTestApp()
    operator = await setUpInstance(test)
  })
  afterAll(() => test.close())

  it('take no more than 16 KiB of JSON from those of whom nobody knows who they are', async () => {
    const { paths } = test.app.swagger() as { paths: Record<string, Record<string, { requestBody?: { content: object } }>> }
    const changing = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods)
      .filter(([method, { requestBody }]) => method !== 'get' && (!requestBody || 'application/json' in requestBody.content))
      .map(([method]) => ({
        method: method.toUpperCase() as 'POST',
        url: path.replaceAll(/\{.*?\}/g, '01900000-0000-7000-8000-000000000000'),
      })))
    const refused: Record<number, string[]> = {}
    for (const { method, url } of changing) {
      const { statusCode } = await test.app.inject({
        method,
        url,
        payload: '['.repeat(16_385),
        headers: { 'content-type': 'application/json' },
      })
      ;(refused[statusCode] ??= []).push(`${method} ${url}`)
    }
    const { 401: _members, 413: tooLarge, ...others } = refused
    expect(tooLarge!.length).toBeGreaterThan(8)
    expect(others).toEqual({
      // A part has no JSON, and this one no number.
      400: [
        expect.stringMatching('^PUT .*/parts/'),
      ],
      // Set up already.
      404: ['POST /api/v1/setup', 'POST /api/v1/setup/check'],
    })
  })

  it('refuse what nests without end before it is parsed, and what is too long before it is read', async () => {
    const deep = '['.repeat(15_000)
    for (const path of ['/auth/login', '/public/requests', '/auth/refresh']) {
      const refused = await test.app.inject({
        method: 'POST',
        url: `/api/v1${path}`,
        payload: deep,
        headers: { 'content-type': 'application/json' },
      })
      expect([path, refused.statusCode < 500 && refused.statusCode >= 400]).toEqual([path, true])
      const long = await test.app.inject({
        method: 'POST',
        url: `/api/v1${path}`,
        payload: '['.repeat(16_385),
        headers: { 'content-type': 'application/json' },
      })
      expect([path, long.statusCode, long.json().code]).toEqual([path, 413, 'request.too_large'])
    }
    const member = await test.app.inject({
      method: 'POST',
      url: '/api/v1/admin/policies',
      payload: '['.repeat(900_000),
      headers: { 'content-type': 'application/json', 'authorization': `Bearer ${operator.token}` },
    })
    expect([member.statusCode, member.json().code, member.json().detail]).toEqual([400, 'request.invalid', 'The body is nested too deeply'])
  })

  it('take the longest that their schemas allow', async () => {
    const answer = await test.call('POST', '/admin/policies', {
      token: operator.token,
      body: {
        kind: 'page',
        slug: 'long',
        title: 'Long',
        markdown: '漢'.repeat(200_000),
      },
    })
    expect(answer.status).toBe(201)
    const asked = await test.call('POST', '/public/requests', {
      body: {
        kind: 'support',
        name: '漢'.repeat(120),
        email: 'a@example.com',
        company: '漢'.repeat(200),
        message: '漢'.repeat(5000),
      },
    })
    expect(asked.status).toBeLessThan(300)
  })
})
