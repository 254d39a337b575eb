import type { TestFile, TestWorkspace } from './factories.ts'
import type { TestApp } from './test-app.ts'
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from './audit-log.ts'
import { createFile, createWorkspace } from './factories.ts'
import { s3Env } from './minio.ts'
import { newBucket, sharedMinio } from './shared-minio.ts'
import { createTestApp } from './test-app.ts'

const why = sharedMinio
  ? ''
  : ' (skipped: MINIO_BINARY names no program)'

describe.skipIf(why)(`DOWNLOADS_BY=store${why}`, () => {
  const minio = sharedMinio!
  let test: TestApp
  let workspace: TestWorkspace
  let file: TestFile
  const content = randomBytes(100_000)

  beforeAll(async () => {
    test = await createTestApp({
      // The same server by another name: what is signed for it holds for no other.
      env: {
        DOWNLOADS_BY: 'store',
        S3_PUBLIC_ENDPOINT: `http://localhost:${minio.port}`,
        ...s3Env(minio, minio.endpoint),
        S3_BUCKET: newBucket(),
      },
    })
    workspace = await createWorkspace(test)
    file = await createFile(test, workspace, { name: 'Bericht “Q3” ä.html', content, mediaType: 'text/html' })
  })
  afterAll(async () => {
    await test?.close()
  })

  const ticket = async (id: string) => new URL((await test.call('POST', `/files/${id}/download`, { token: workspace.owner.token })).body.url).pathname

  it('sends a browser with a ticket to a signed address of the store, for a short time', async () => {
    const answer = await test.call('GET', await ticket(file.id))
    expect(answer.status).toBe(302)
    expect(answer.headers).toMatchObject({
      'cache-control': expect.stringContaining('no-store'),
      'referrer-policy': 'no-referrer',
    })
    const url = new URL(String(answer.headers.location))
    expect([
      url.host,
      url.searchParams.get('X-Amz-Expires'),
    ]).toEqual([`localhost:${minio.port}`, '300'])

    const sent = await fetch(url)
    expect([
      sent.status,
      Buffer.from(await sent.arrayBuffer()).equals(content),
    ]).toEqual([200, true])
    expect(sent.headers.get('content-type')).toBe('text/html')
    expect(sent.headers.get('content-disposition')).toBe('attachment; filename="Bericht _Q3_ a.html"; filename*=UTF-8\'\'Bericht%20%E2%80%9CQ3%E2%80%9D%20%C3%A4.html')
    const part = await fetch(url, {
      headers: { range: 'bytes=5-9' },
    })
    expect([
      part.status,
      Buffer.from(await part.arrayBuffer()).equals(content.subarray(5, 10)),
    ]).toEqual([206, true])
    url.searchParams.set('response-content-disposition', 'inline')
    expect((await fetch(url)).status).toBe(403)
  })

  it('sends what a limited link gives itself', async () => {
    const link = await test.call('POST', `/workspaces/${workspace.id}/links`, {
      token: workspace.owner.token,
      body: {
        itemIds: [file.id],
        maxDownloads: 1,
      },
    })
    const claimed = await test.call('POST', `/public/links/${link.body.url.split('/').at(-1)}/download`, { body: {} })
    const fetchIt = () => test.call('GET', new URL(claimed.body.url).pathname, {
      headers: { cookie: String(claimed.headers['set-cookie']).split(';')[0]! },
    })
    const sent = await fetchIt()
    expect([
      sent.status,
      sent.raw.equals(content),
    ]).toEqual([200, true])
    expect((await fetchIt()).status).toBe(404)
  })

  it('notes a download once, when its ticket is made', async () => {
    const events = async () => (await auditOf(test, workspace.id, 'file.downloaded')).length
    const before = await events()
    const path = await ticket(file.id)
    await test.call('GET', path)
    await test.call('GET', path)
    expect(await events()).toBe(before + 1)
  })

  it('sends by the server what a program asks for with its header, HEAD, archives and empty files', async () => {
    const whole = await test.call('GET', `/files/${file.id}/content`, { token: workspace.owner.token })
    expect([
      whole.status,
      whole.raw.equals(content),
    ]).toEqual([200, true])
    const head = await test.call('HEAD', await ticket(file.id))
    expect([head.status, head.headers['content-length']]).toEqual([200, '100000'])
    const empty = await createFile(test, workspace, { name: 'empty', content: '' })
    expect((await test.call('GET', await ticket(empty.id))).status).toBe(200)
    const { body } = await test.call('POST', `/workspaces/${workspace.id}/archives`, {
      token: workspace.owner.token,
      body: {
        itemIds: [file.id],
      },
    })
    expect((await test.call('GET', new URL(body.url).pathname)).headers['content-type']).toBe('application/zip')
  })

  it('sends nobody to an object that is not there', async () => {
    const lost = await createFile(test, workspace, { name: 'lost', content: 'x' })
    await test.deps.storage.deleteObject(lost.objectKey)
    const answer = await test.call('GET', await ticket(lost.id))
    expect([answer.status, answer.body.code]).toEqual([500, 'file.corrupt'])
  })
})
