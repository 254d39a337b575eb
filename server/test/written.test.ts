import type { TestWorkspace } from './factories.ts'
import type { TestApp } from './test-app.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFile, createWorkspace } from './factories.ts'
import { createTestApp } from './test-app.ts'

/** What people write into the fields of the API. */

let test: TestApp
let workspace: TestWorkspace
beforeAll(async () => {
  test = await createTestApp()
  workspace = await createWorkspace(test)
})
afterAll(() => test.close())

interface Schema { 'type'?: string | string[], '$ref'?: string, 'enum'?: unknown[], 'const'?: unknown, 'format'?: string, 'pattern'?: string, 'x-written'?: string, 'properties'?: Record<string, Schema>, 'items'?: Schema, 'anyOf'?: Schema[] }
interface Operation { operationId: string, requestBody?: { content: Record<string, { schema: Schema }> }, parameters?: { in: string, name: string, schema: Schema }[] }
interface Document { paths: Record<string, Record<string, Operation>>, components: { schemas: Record<string, Schema> } }

/** Every string in a shape, by its place. */
function* stringsOf(schema: Schema, place: string, document: Document): Generator<[place: string, schema: Schema]> {
  if (schema.$ref) return yield* stringsOf(document.components.schemas[schema.$ref.split('/').at(-1)!]!, place, document)
  for (const [name, inner] of Object.entries(schema.properties ?? {})) yield* stringsOf(inner, `${place}/${name}`, document)
  for (const inner of schema.anyOf ?? []) yield* stringsOf(inner, place, document)
  if (schema.items) yield* stringsOf(schema.items, `${place}/*`, document)
  if ([schema.type].flat().includes('string')) yield [place, schema]
}

describe('every string that a body or a query takes', () => {
  /** Neither shown nor kept: a signed ticket, a proof, a reference, traps for robots. */
  const exceptions = [
    'downloadAuditExport?ticket',
    'sendRequest/altcha',
    'sendRequest/website',
    'getPlainForm?sent',
    'sendPlainForm/website',
  ]
  const made = (schema: Schema) => schema.enum !== undefined || schema.const !== undefined || [
    'uuid',
    'date',
    'date-time',
    'password',
  ].includes(schema.format ?? '')
  // Letters of ASCII alone.
  || /^\^\[[\w-]+\]/.test(schema.pattern ?? '')
  const strings = () => {
    const document = test.app.swagger() as unknown as Document
    const operations = Object.values(document.paths).flatMap(path => Object.values(path))
    return operations.flatMap(({ operationId, requestBody, parameters = [] }) => [
      ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => [
        ...stringsOf(schema, operationId, document),
      ]),
      ...parameters.filter(parameter => parameter.in === 'query' && parameter.name !== 'cursor').flatMap(({ name, schema }) => [
        ...stringsOf(schema, `${operationId}?${name}`, document),
      ]),
    ])
  }

  it('is made by programs, or one of the kinds that people write', () => {
    const free = strings().filter(([, schema]) => !made(schema) && ![
      'line',
      'name',
      'address',
      'text',
      'item-name',
    ].includes(schema['x-written'] ?? ''))
    expect(free.map(([place]) => place)).toEqual(exceptions)
  })

  it('is found at all', () => {
    const written = strings().filter(([, schema]) => schema['x-written']).map(([place]) => place)
    expect(written).toEqual(expect.arrayContaining([
      'changeMe/name',
      'createLink/title',
      'createLink/message',
      'createFolder/name',
      'createPolicy/markdown',
      'listItems?q',
      'uploadFile?name',
    ]))
    expect(written.length).toBeGreaterThan(30)
  })
})

describe('what is wrong with it is said in words', () => {
  const me = (name: string) => test.call('PATCH', '/me', {
    token: workspace.owner.token,
    body: { name },
  })

  it.each([
    ['Al\u202E', 'cannot contain characters that change the direction of the text around them'],
    ['Al\uD83D', 'cannot contain half of a character (a lone surrogate)'],
    ['Al\nBo', 'cannot contain line breaks or other control characters'],
    ['\u200B\u2060', 'needs at least one visible character'],
    ['\u200F', 'needs at least one visible character'],
  ])('in the name %j', async (name, detail) => {
    const { status, body } = await me(name)
    expect([status, body.code, body.errors]).toEqual([
      400,
      'request.invalid',
      [
        { pointer: '/name', detail },
      ],
    ])
  })

  it('in a link, where the field may be null too', async () => {
    const file = await createFile(test, workspace, { name: 'a.txt', content: 'a' })
    const link = (options: object) => test.call('POST', `/workspaces/${workspace.id}/links`, {
      token: workspace.owner.token,
      body: {
        itemIds: [file.id],
        ...options,
      },
    })
    expect((await link({ title: 'half \uD83D' })).body).toMatchObject({
      code: 'request.invalid',
      errors: [
        { pointer: '/title', detail: 'cannot contain half of a character (a lone surrogate)' },
      ],
    })
    expect((await link({ message: 'Two\nlines\u0007' })).body.errors).toEqual([
      { pointer: '/message', detail: 'cannot contain control characters other than line breaks and tabs' },
    ])
    const good = await link({ title: null, message: 'Two\r\nlines,\ta tab' })
    expect([good.status, good.body.message]).toEqual([201, 'Two\r\nlines,\ta tab'])
  })

  it('except for marks of direction, which a name loses', async () => {
    const { status, body } = await me('דנה\u200F')
    expect([status, body.name]).toEqual([200, 'דנה'])
  })
})
