import type { TestApp } from '../../test/test-app.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUser } from '../../test/factories.ts'
import { createTestApp } from '../../test/test-app.ts'

const expected = {
  'content-security-policy': 'default-src \'none\'; script-src \'self\' \'wasm-unsafe-eval\'; style-src \'self\' \'unsafe-inline\'; img-src \'self\' data: blob:; font-src \'self\'; connect-src \'self\'; worker-src \'self\'; manifest-src \'self\'; base-uri \'none\'; form-action \'self\'; frame-ancestors \'none\'',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': expect.stringContaining('geolocation=()'),
  'cache-control': 'no-store',
}

describe.each([
  ['http://localhost:3000', undefined],
  ['https://files.example.com', 'max-age=31536000'],
])('the headers of every response at %s', (publicUrl, hsts) => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp({
      env: { PUBLIC_URL: publicUrl },
    })
  })
  afterAll(() => test.close())

  it('are there whatever comes out, and none of them is for other origins', async () => {
    const { token } = await createUser(test)
    const json = { 'content-type': 'application/json' }
    const origin = { 'origin': 'https://evil.example', 'access-control-request-method': 'POST' }
    for (const [status, request] of [
      [
        200,
        { url: '/healthz' },
      ],
      [
        200,
        { url: '/api/v1/public/policies' },
      ],
      [
        404,
        { url: '/' },
      ],
      [
        404,
        { url: '/api/v1/nothing' },
      ],
      [
        404,
        { url: '/api/v1/nothing', method: 'OPTIONS' as const },
      ],
      [
        401,
        { url: '/api/v1/me' },
      ],
      [
        403,
        {
          url: '/api/v1/admin/policies',
          headers: { authorization: `Bearer ${token}` },
        },
      ],
      [
        400,
        {
          url: '/api/v1/auth/login',
          method: 'POST' as const,
          headers: json,
          payload: '{',
        },
      ],
      [
        413,
        {
          url: '/api/v1/auth/login',
          method: 'POST' as const,
          headers: json,
          payload: `"${'x'.repeat(1_100_000)}"`,
        },
      ],
      [
        415,
        {
          url: '/api/v1/auth/login',
          method: 'POST' as const,
          headers: { 'content-type': 'text/csv' },
          payload: 'x',
        },
      ],
    ] as const) {
      const response = await test.app.inject({
        ...request,
        headers: {
          ...('headers' in request
            ? request.headers
            : {}),
          ...origin,
        },
      })
      expect([request.url, response.statusCode]).toEqual([request.url, status])
      expect(response.headers).toMatchObject(expected)
      expect(response.headers['strict-transport-security']).toBe(hsts)
      expect(Object.keys(response.headers).filter(name => /^access-control|^server$|^x-powered-by/.test(name))).toEqual([])
    }
  })
})
