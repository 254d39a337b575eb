import type { TestUser } from './factories.ts'
import type { TestApp } from './test-app.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setUpInstance } from './factories.ts'
import { createTestApp } from './test-app.ts'

/** The API beside its own description; what made-up requests find, the soak asks Schemathesis. */

interface Operation { operationId: string, responses: Record<string, { content?: Record<string, object> }> }
type Paths = Record<string, Record<string, Operation>>

let test: TestApp
let operator: TestUser
let paths: Paths
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
  paths = (test.app.swagger() as unknown as { paths: Paths }).paths
})
afterAll(() => test.close())

const operations = () => Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({
  name: `${method.toUpperCase()} ${path}`,
  method,
  path,
  operation,
})))
const addressOf = (path: string) => path.replaceAll(/\{.*?\}/g, '01900000-0000-7000-8000-000000000000')

describe('the description', () => {
  it('has problems as application/problem+json, of every operation', () => {
    const described = operations().map(({ name, operation: { responses } }) => [
      name,
      ...['4XX', '5XX'].map(status => Object.keys((responses[status] ?? responses[status.toLowerCase()])?.content ?? {}).join()),
    ])
    expect(described.length).toBeGreaterThan(60)
    expect(described).toEqual(described.map(([name]) => [name, 'application/problem+json', 'application/problem+json']))
  })

  it('has what every operation answers when all is well', () => {
    const silent = operations().filter(({ operation: { responses } }) => !Object.entries(responses).some(([status, { content }]) => ['204', '302', '303'].includes(status) || (status.startsWith('2') && content)))
    expect(silent.map(({ name }) => name)).toEqual([])
    const sent = operations().filter(({ operation: { responses } }) => !Object.entries(responses).some(([status, { content }]) => status === '204' || (status.startsWith('2') && content && 'application/json' in content)))
    expect(sent.map(({ operation }) => operation.operationId).sort()).toEqual([
      'download',
      'downloadAuditExport',
      'downloadFile',
      'exportAuditEvents',
      'exportInstanceAuditEvents',
      // Sends a browser on.
      'finishProviderSignIn',
      'getPicture',
      'getPlainForm',
      'sendPlainForm',
      'streamEvents',
    ])
  })
})

it('every method that a path does not have is 405, and Allow has those that it has', async () => {
  const tried = [
    'GET',
    'PUT',
    'POST',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
  ] as const
  let refused = 0
  for (const [path, methods] of Object.entries(paths)) {
    const has = Object.keys(methods).map(method => method.toUpperCase())
    for (const method of tried) {
      if (has.includes(method)) continue
      const answer = await test.app.inject({
        method: method as 'GET',
        url: addressOf(path),
        headers: { authorization: `Bearer ${operator.token}` },
      })
      const allowed = String(answer.headers.allow).split(', ').filter(each => each !== 'HEAD')
      expect([
        method,
        path,
        answer.statusCode,
        answer.headers['content-type'],
        allowed,
      ]).toEqual([
        method,
        path,
        405,
        'application/problem+json',
        [...has].sort(),
      ])
      expect(answer.json().code).toBe('request.method')
      refused++
    }
  }
  expect(refused).toBeGreaterThan(200)
  expect((await test.app.inject({ method: 'POST', url: '/api/v1/nothing' })).statusCode).toBe(404)
  expect((await test.app.inject({ method: 'POST', url: '/healthz' })).headers.allow).toBe('GET, HEAD')
})

it('what a stranger is refused is a problem, at every operation', async () => {
  for (const { name, method, path } of operations()) {
    const answer = await test.app.inject({
      method: method.toUpperCase() as 'GET',
      url: addressOf(path),
      headers: { 'content-type': 'application/json' },
      payload: method === 'get'
        ? undefined
        : 'no JSON',
    })
    if (answer.statusCode < 400) continue
    expect([name, answer.headers['content-type'], answer.json().status]).toEqual([name, 'application/problem+json', answer.statusCode])
  }
})
