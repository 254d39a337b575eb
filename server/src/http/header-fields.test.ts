import type { TestApp } from '../../test/test-app.ts'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answersTo, listen } from '../../test/sockets.ts'
import { createTestApp } from '../../test/test-app.ts'
import { LIST_HEADERS, SINGLE_HEADERS } from './header-fields.ts'

const src = join(import.meta.dirname, '..')

describe('a header that came twice', () => {
  let test: TestApp
  let port: number
  beforeAll(async () => {
    test = await createTestApp()
    port = await listen(test)
  })
  afterAll(() => test.close())

  const ask = async (name: string, path: string) => (await answersTo(port, [
    `GET ${path} HTTP/1.1`,
    ...name === 'host'
      ? []
      : ['Host: localhost'],
    `${name}: 1`,
    `${name}: 1`,
    'Connection: close',
    '',
    '',
  ].join('\r\n')))[0]!

  it.each([...SINGLE_HEADERS])('is refused: %s', async (name) => {
    for (const path of ['/api/v1/me', '/healthz', '/api/v1/nothing']) {
      const { status, body } = await ask(name, path)
      expect([status, body.status]).toEqual([400, 400])
      if (body.code === 'request.invalid') {
        expect(body.errors).toEqual([
          { pointer: name, detail: 'has one value' },
        ])
      }
      // Node itself knows that a body has one length.
      else {
        expect([name, body.code]).toEqual(['content-length', 'request.malformed'])
      }
    }
  })

  it.each([...LIST_HEADERS])('is a longer list: %s', async (name) => {
    expect((await ask(name, '/healthz')).status).toBe(200)
  })
})

it('is known to be single or a list, whatever the server or its API reads', () => {
  const read = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !/\.(?:test|fixture|contract)\.ts$/.test(path) && !path.startsWith('storage'))
    .flatMap(path => [
      ...readFileSync(join(src, path), 'utf8').matchAll(/(?<![-\w])headers(?:\.([a-z]+)|\['([a-z-]+)'\])/g),
    ].map(([, plain, quoted]) => plain ?? quoted!))
  const { paths } = JSON.parse(readFileSync(join(src, '../../docs/api/openapi.json'), 'utf8')) as { paths: Record<string, Record<string, { parameters?: { in: string, name: string }[] }>> }
  const described = Object.values(paths).flatMap(path => Object.values(path)).flatMap(({ parameters = [] }) => parameters.filter(parameter => parameter.in === 'header').map(({ name }) => name))
  const answered = ['content-disposition']
  expect(read.length + described.length).toBeGreaterThan(20)
  expect([
    ...read,
    ...described,
  ].filter(name => !SINGLE_HEADERS.has(name) && !LIST_HEADERS.has(name) && !answered.includes(name))).toEqual([])
})
