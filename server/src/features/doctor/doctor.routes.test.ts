import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestApp } from '../../../test/test-app.ts'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../../test/database.ts'
import { createUser } from '../../../test/factories.ts'
import { createTestApp, useTestApp } from '../../../test/test-app.ts'
import { examinations } from './examinations.table.ts'
import { find } from './finding.ts'

interface Report { begunAt: string | null, isRunning: boolean, findings: { code: string, subject: string, health: string, says: string, data: object }[] }

/** A public address that answers when it is told to. */
async function openAddress(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: once(server, 'request'),
  }
}

async function reportOf(test: TestApp, token: string): Promise<Report> {
  const { status, body } = await test.call('GET', '/admin/doctor', { token })
  expect(status).toBe(200)
  return body
}

const codesOf = ({ findings }: Report) => findings.map(({ code }) => code)

describe('the check of the deployment', () => {
  it('looks at everything in the background, and its findings stay for all servers', async () => {
    const address = await openAddress((_request, response) => void response.end('<h1>It works!</h1>'))
    const test = await useTestApp({
      env: { PUBLIC_URL: address.url },
    })
    const { token } = await createUser(test, { isOperator: true })
    expect(await reportOf(test, token)).toMatchObject({ begunAt: null, isRunning: false, findings: [] })

    const begun = await test.call('POST', '/admin/doctor/check', { token })
    expect(begun.status).toBe(200)
    await expect.poll(async () => (await reportOf(test, token)).isRunning).toBe(false)
    const report = await reportOf(test, token)
    expect(report.begunAt).toBe(begun.body.begunAt)
    expect([
      ...new Set(report.findings.map(({ subject }) => subject)),
    ]).toEqual(expect.arrayContaining([
      'settings',
      'database',
      'servers',
      'backups',
      'store',
      'address',
    ]))
    expect(report.findings.at(-1)).toMatchObject({ code: 'mail.unset', health: 'well' })
    expect(report.findings.at(-2)).toEqual({
      code: 'address.stranger',
      subject: 'address',
      health: 'broken',
      says: `What answers at ${address.url} (status 200) is not ClientShare. Check PUBLIC_URL, and where the proxy sends /api.`,
      data: { url: address.url, status: 200 },
    })
  })

  it('runs once in the deployment, shows what it found so far, and is broken off when its server stops', async () => {
    // Of a proxy that has lost the server: nobody answers.
    const { url, asked } = await openAddress(() => {})
    const database = await createTestDatabase()
    const env = { PUBLIC_URL: url, SECRET_KEY: 'the same for all servers of this deployment' }
    const other = await useTestApp({ database, env })
    const test = await createTestApp({
      database: {
        ...database,
        drop: async () => {},
      },
      env,
    })
    const { token } = await createUser(other, { isOperator: true })
    try {
      expect((await test.call('POST', '/admin/doctor/check', { token })).status).toBe(200)
      await asked
      const { body: refused } = await other.call('POST', '/admin/doctor/check', { token })
      expect(refused.isRunning).toBe(true)
      await expect.poll(async () => codesOf(await reportOf(other, token))).toContain('store.well')
      expect(codesOf(await reportOf(other, token)).filter(code => code === 'settings.well')).toHaveLength(1)
    }
    finally {
      // Much less than the doctor would wait for that address.
      await test.close()
    }
    const report = await reportOf(other, token)
    expect(report.isRunning).toBe(false)
    expect(codesOf(report).at(-1)).toBe('check.broken_off')
  })

  it('says that it was broken off when its server is gone without a word, and can begin again', async () => {
    const { url } = await openAddress((_request, response) => void response.end())
    const test = await useTestApp({
      env: { PUBLIC_URL: url },
    })
    const { token } = await createUser(test, { isOperator: true })
    await test.deps.db.insert(examinations).values({
      begunAt: new Date(test.clock.now().getTime() - 60_000),
      findings: [
        find('settings.well', { storage: 'local' }),
      ],
    })
    expect((await reportOf(test, token)).isRunning).toBe(true)
    test.clock.advance(120_000)
    const report = await reportOf(test, token)
    expect(report.isRunning).toBe(false)
    expect(codesOf(report)).toEqual(['settings.well', 'check.broken_off'])
    await test.call('POST', '/admin/doctor/check', { token })
    await expect.poll(async () => codesOf(await reportOf(test, token))).toContain('address.stranger')
  })
})

describe('how a request came', () => {
  async function visit({ trusted = '', publicUrl = 'https://files.example.com', from, told }: { trusted?: string, publicUrl?: string, from: string, told?: string }) {
    const test = await useTestApp({
      env: { TRUSTED_PROXIES: trusted, PUBLIC_URL: publicUrl },
    })
    const { token } = await createUser(test, { isOperator: true })
    const { body } = await test.app.inject({
      url: '/api/v1/admin/doctor',
      remoteAddress: from,
      headers: {
        authorization: `Bearer ${token}`,
        ...told === undefined
          ? {}
          : { 'x-forwarded-for': told },
      },
    })
    const { code, data } = JSON.parse(body).visit.finding
    return { code, data }
  }

  it.each([
    [
      'straight',
      { from: '203.0.113.9' },
      {
        code: 'visit.well',
        data: { address: '203.0.113.9' },
      },
    ],
    [
      'by a proxy that is believed',
      { trusted: '10.0.0.2', from: '10.0.0.2', told: '203.0.113.9' },
      {
        code: 'visit.well',
        data: { address: '203.0.113.9' },
      },
    ],
    [
      'by a proxy that is not believed',
      { from: '10.0.0.2', told: '203.0.113.9' },
      {
        code: 'visit.unbelieved',
        data: { neighbour: '10.0.0.2' },
      },
    ],
    [
      'by a proxy that tells no address',
      { trusted: '10.0.0.2', from: '10.0.0.2', told: 'unknown' },
      {
        code: 'visit.unreadable',
        data: { address: '10.0.0.2' },
      },
    ],
    [
      'by a proxy that tells nothing',
      { trusted: '10.0.0.2', from: '10.0.0.2' },
      {
        code: 'visit.private',
        data: { address: '10.0.0.2' },
      },
    ],
    [
      'within a private network',
      { from: '192.168.1.7', publicUrl: 'http://192.168.1.5' },
      {
        code: 'visit.well',
        data: { address: '192.168.1.7' },
      },
    ],
  ])('is told of one that came %s', async (_how, came, expected) => {
    expect(await visit(came)).toEqual(expected)
  })
})

describe('what a browser tries', () => {
  it('takes a body as large as a part, and none that is larger', async () => {
    const test = await useTestApp()
    const { token } = await createUser(test, { isOperator: true })
    const { body: { tries: { partBytes } } } = await test.call('GET', '/admin/doctor', { token })
    const put = (size: number) => test.call('PUT', '/admin/doctor/body', {
      token,
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.alloc(size),
    })
    expect(await put(partBytes)).toMatchObject({
      status: 200,
      body: { bytes: partBytes },
    })
    expect(await put(partBytes + 1)).toMatchObject({
      status: 413,
      body: { code: 'request.too_large' },
    })
  })

  it('answers after the silence that was asked for, and at once when the server stops', async () => {
    const test = await useTestApp()
    const { token } = await createUser(test, { isOperator: true })
    expect((await test.call('GET', '/admin/doctor/silence?seconds=0', { token })).status).toBe(204)
    expect((await test.call('GET', '/admin/doctor/silence?seconds=3600', { token })).status).toBe(400)
    const url = await test.app.listen({ port: 0, host: '127.0.0.1' })
    const arrived = once(test.app.server, 'request')
    const silence = fetch(`${url}/api/v1/admin/doctor/silence`, {
      headers: { authorization: `Bearer ${token}` },
    })
    await arrived
    await test.app.close()
    expect((await silence).status).toBe(503)
  })
})
