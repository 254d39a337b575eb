import type { TestUser } from '../../test/factories.ts'
import type { TestApp } from '../../test/test-app.ts'
import { createHash, randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUser, createWorkspace, setUpInstance } from '../../test/factories.ts'
import { createTestApp } from '../../test/test-app.ts'
import { users } from '../features/users/users.table.ts'
import { workspaces } from '../features/workspaces/workspaces.table.ts'
import { idempotencyKeys } from './idempotency.table.ts'

let test: TestApp
let operator: TestUser
beforeAll(async () => {
  test = await createTestApp()
  operator = await setUpInstance(test)
})
afterAll(() => test.close())

let n = 0
const freshSlug = () => `slug-${++n}`
const create = (slug: string, key: string, token = operator.token) => test.call('POST', '/workspaces', {
  token,
  body: { name: 'Idempotent', slug },
  headers: { 'idempotency-key': key },
})
const rowOf = async (key: string) => (await test.deps.db.select().from(idempotencyKeys).where(eq(idempotencyKeys.key, key)))[0]

describe('a repeat under the same Idempotency-Key', () => {
  it('is answered like the first time and does nothing', async () => {
    const [slug, key] = [
      freshSlug(),
      randomUUID(),
    ]
    const first = await create(slug, key)
    const again = await create(slug, key)
    expect(first.status).toBe(201)
    expect([again.status, again.body]).toEqual([201, first.body])
    expect(again.headers['content-type']).toBe(first.headers['content-type'])
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true'])
    expect(await test.deps.db.$count(workspaces, eq(workspaces.slug, slug))).toBe(1)
  })

  it('makes one folder, one invitation, one upload', async () => {
    const workspace = await createWorkspace(test)
    for (const [what, body] of Object.entries({
      folders: { parentId: workspace.rootId, name: 'Once' },
      invitations: { role: 'staff' },
      uploads: { parentId: workspace.rootId, name: 'once.bin', size: 5 },
    })) {
      const key = randomUUID()
      const send = () => test.call('POST', `/workspaces/${workspace.id}/${what}`, {
        token: workspace.owner.token,
        body,
        headers: { 'idempotency-key': key },
      })
      const first = await send()
      const again = await send()
      expect([first.status, again.status, again.body]).toEqual([201, 201, first.body])
    }
  })

  it('gets the same refusal too', async () => {
    const key = randomUUID()
    const slug = freshSlug()
    await create(slug, randomUUID())
    const first = await create(slug, key)
    const again = await create(slug, key)
    expect([first.status, first.body.code]).toEqual([409, 'workspace.slug_taken'])
    expect([again.status, again.body, again.headers['content-type']]).toEqual([409, first.body, 'application/problem+json'])
  })

  it('is refused for another body', async () => {
    const key = randomUUID()
    await create(freshSlug(), key)
    const other = await create(freshSlug(), key)
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.key_reused'])
  })

  it('is another person’s own', async () => {
    const key = randomUUID()
    const second = await createUser(test)
    await test.deps.db.update(users).set({ isOperator: true }).where(eq(users.id, second.id))
    await create(freshSlug(), key)
    const theirs = await create(freshSlug(), key, second.token)
    expect([theirs.status, theirs.headers['idempotency-replayed']]).toEqual([201, undefined])
  })

  it('has one winner in parallel: the rest wait or get its answer', async () => {
    const [slug, key] = [
      freshSlug(),
      randomUUID(),
    ]
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(slug, key)))
    const fresh = answers.filter(answer => answer.status === 201 && !answer.headers['idempotency-replayed'])
    expect(fresh).toHaveLength(1)
    for (const answer of answers.filter(each => each !== fresh[0])) {
      if (answer.status === 201) expect(answer.body).toEqual(fresh[0]!.body)
      else expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([409, 'idempotency.in_progress', '1'])
    }
  })

  it('is still running while the first is, and free again a minute after a crash', async () => {
    const [slug, key] = [
      freshSlug(),
      randomUUID(),
    ]
    await create(slug, key)
    await test.deps.db.update(idempotencyKeys).set({ status: null, answer: null }).where(eq(idempotencyKeys.key, key))
    expect((await create(slug, key)).body.code).toBe('idempotency.in_progress')
    test.clock.advance(60_001)
    expect((await create(slug, key)).body.code).toBe('workspace.slug_taken')
  })

  it('is a new request after a day', async () => {
    const key = randomUUID()
    await create(freshSlug(), key)
    test.clock.advance(86_400_001)
    expect((await create(freshSlug(), key)).status).toBe(201)
  })
})

describe('what is kept', () => {
  it('is sealed', async () => {
    const [slug, key] = [
      freshSlug(),
      randomUUID(),
    ]
    await create(slug, key)
    const row = await rowOf(key)
    expect(row).toMatchObject({ owner: `user:${operator.id}`, status: 201 })
    expect(JSON.stringify(row!.answer)).not.toContain(slug)
    expect(Buffer.from(row!.answer as string, 'base64').toString('latin1')).not.toContain(slug)
  })

  it('does not let a guess at the body be proved without the instance key', async () => {
    const key = randomUUID()
    const body = {
      name: 'Idempotent',
      slug: freshSlug(),
    }
    await create(body.slug, key)
    const guess = createHash('sha256').update(JSON.stringify(['POST', '/api/v1/workspaces', body])).digest()
    expect((await rowOf(key))!.fingerprint.equals(guess)).toBe(false)
  })

  it('is no failure of the server: the key is free again', async () => {
    const [slug, key] = [
      freshSlug(),
      randomUUID(),
    ]
    await test.deps.db.execute('alter table workspaces rename to workspaces_away')
    expect((await create(slug, key)).status).toBe(500)
    await test.deps.db.execute('alter table workspaces_away rename to workspaces')
    expect(await rowOf(key)).toBeUndefined()
    expect((await create(slug, key)).status).toBe(201)
  })

  it('is nothing for a request that is not valid or not allowed', async () => {
    const [invalid, denied] = [
      randomUUID(),
      randomUUID(),
    ]
    expect((await create('NOT A SLUG', invalid)).status).toBe(400)
    expect((await create(freshSlug(), denied, (await createUser(test)).token)).status).toBe(403)
    expect([await rowOf(invalid), await rowOf(denied)]).toEqual([undefined, undefined])
  })

  it('is nothing for a key that is too long', async () => {
    expect((await create(freshSlug(), 'k'.repeat(256))).status).toBe(400)
  })
})
