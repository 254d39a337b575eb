import type { LightMyRequestResponse } from 'fastify'
import type { TestApp } from '../../test/test-app.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createWorkspace } from '../../test/factories.ts'
import { createTestApp } from '../../test/test-app.ts'
import { buildApp } from '../app.ts'
import { newAccessToken } from '../crypto/access-token.ts'
import { newSecret } from '../crypto/secrets.ts'
import { formOf } from '../features/uploads/uploads.fixture.ts'
import { describeError, logOptions, maskAddress } from './request-log.ts'

describe('maskAddress', () => {
  const secret = newSecret()
  const id = '01900000-0000-7000-8000-000000000000'
  it.each([
    [`/s/${secret}`, '/s/***'],
    ['/s/short', '/s/***'],
    [`/invite/${secret}?x=1`, '/invite/***'],
    ['/unsubscribe/short', '/unsubscribe/***'],
    ['/api/v1/public/unsubscribe/short', '/api/v1/public/unsubscribe/***'],
    ['/api/v1/public/links/short/unlock', '/api/v1/public/links/***/unlock'],
    ['/api/v1/public/invitations/short/accept', '/api/v1/public/invitations/***/accept'],
    ['/api/v1/downloads/short', '/api/v1/downloads/***'],
    [`//s//${secret}`, '//s//***'],
    [`/S/${secret}`, '/S/***'],
    [`/api/v1/PUBLIC/links/${secret}`, '/api/v1/PUBLIC/links/***'],
    [`/unknown/${encodeURIComponent(secret)}%2F`, '/unknown/***'],
    [`/api/v1/workspaces/${id}/links/${id}`, `/api/v1/workspaces/${id}/links/${id}`],
    [`/api/v1/workspaces/${id}/items?q=secret`, `/api/v1/workspaces/${id}/items`],
    ['/api/v1/public/policies/privacy', '/api/v1/public/policies/privacy'],
  ])('%s is logged as %s', (address, logged) => {
    expect(maskAddress(address)).toBe(logged)
  })
})

describe('the log', () => {
  let test: TestApp
  let webDir: string
  beforeAll(async () => {
    webDir = mkdtempSync(join(tmpdir(), 'clientshare-web-'))
    writeFileSync(join(webDir, 'index.html'), '<!doctype html>')
    test = await createTestApp({
      env: { WEB_DIR: webDir },
    })
  })
  afterAll(async () => {
    await test.close()
    rmSync(webDir, { recursive: true })
  })

  async function logging() {
    const lines: string[] = []
    const app = await buildApp(test.deps, {
      loggerInstance: pino(logOptions('trace'), {
        write: (line: string) => { lines.push(line) },
      }),
    })
    onTestFinished(() => app.close())
    return { app, lines }
  }

  it('holds no header of a form, which its parser logs when asked for everything', async () => {
    const { app, lines } = await logging()
    const workspace = await createWorkspace(test)
    const cookie = newSecret()
    const { body, headers } = formOf(Buffer.from('hello'))
    const answer = await app.inject({
      method: 'POST',
      url: `/api/v1/workspaces/${workspace.id}/files?parentId=${workspace.rootId}&name=a`,
      payload: body,
      headers: {
        ...headers,
        authorization: `Bearer ${workspace.owner.token}`,
        cookie: `clientshare-session=${cookie}`,
      },
    })
    expect(answer.statusCode).toBe(201)
    const log = lines.join('')
    expect(log).toContain('busboyOptions')
    expect([
      log.includes(workspace.owner.token),
      log.includes(cookie),
    ]).toEqual([false, false])
  })

  it('holds no secret of any address, header or body', async () => {
    const { app, lines } = await logging()
    const secret = newSecret()
    const seen: LightMyRequestResponse[] = []
    for (const path of [
      '/s/:x',
      '/invite/:x',
      '/api/v1/public/links/:x',
      '/api/v1/public/links/:x/items?parentId=1',
      '/api/v1/downloads/:x',
      '/api/v1/public/invitations/:x',
      '/unknown/:x',
      '/api/v1/unknown/:x',
      '//s/:x',
      '/s/:x/%',
      '/%ff/:x',
      '/api/v1/me?token=:x',
      `/api/v1/public/links/${'y'.repeat(2000)}:x`,
    ]) {
      for (const method of ['GET', 'HEAD', 'POST', 'DELETE'] as const) {
        seen.push(await app.inject({
          method,
          url: path.replace(':x', secret),
          headers: {
            'authorization': `Bearer ${secret}`,
            'cookie': `clientshare-session=${secret}`,
            'x-link-grant': secret,
            'content-type': 'application/json',
            'accept': 'text/html',
          },
          ...(method === 'POST'
            ? { payload: `{"password":"${secret}","x":` }
            : {}),
        }))
      }
    }
    expect(new Set(seen.map(({ statusCode }) => statusCode)).size).toBeGreaterThan(3)
    expect(lines.length).toBeGreaterThan(seen.length)
    expect(lines.filter(line => line.includes(secret))).toEqual([])
  })

  it('names the route, the client and the request’s id', async () => {
    const { app, lines } = await logging()
    const response = await app.inject('/api/v1/public/policies/nothing')
    const [first] = lines.map(line => JSON.parse(line))
    expect(first).toMatchObject({
      reqId: response.json().requestId,
      req: {
        method: 'GET',
        url: '/api/v1/public/policies/nothing',
        route: '/api/v1/public/policies/:slug',
        remoteAddress: '127.0.0.1',
      },
    })
  })

  it('holds no access token, wherever an error names one', () => {
    const token = newAccessToken()
    const described = describeError(new Error(`refused ${token}`, { cause: `it was ${token}` }))
    expect(JSON.stringify(described)).not.toContain(token)
    expect([described.message, described.cause?.message]).toEqual(['refused cs_pat_***', 'it was cs_pat_***'])
  })

  it('holds no parameter of a statement that failed', async () => {
    const failures = await Promise.all([
      sql`select ${'hunter2'}::uuid`,
      sql`select * from nowhere where x = ${'hunter2'}`,
      sql`insert into users (id, name, email, email_key, created_at) values ('01900000-0000-7000-8000-000000000000', ${'hunter2'}, ${'hunter2'}, ${'hunter2'}, null)`,
      sql`insert into policies (id, kind, slug, created_at, updated_at) values (gen_random_uuid(), ${'hunter2'}, 'x', now(), now())`,
    ].map(statement => test.deps.db.execute(statement).then(() => undefined, (error: unknown) => error)))
    const described = failures.map(error => describeError(error))
    expect(described.map(({ cause }) => cause?.code)).toEqual(['22P02', '42P01', '23502', '23514'])
    expect(described.at(-1)?.cause?.constraint).toBe('policies_kind_check')
    expect(JSON.stringify(described)).not.toContain('hunter2')
    expect(described[1]!.cause?.message).toBe('relation "nowhere" does not exist')
    expect(described[0]!.stack).toMatch(/^\s+at /)
  })
})
