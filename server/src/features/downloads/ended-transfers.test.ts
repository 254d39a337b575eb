import type { ClientRequest, IncomingMessage } from 'node:http'
import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { request } from 'node:http'
import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addMember, createFile, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { items } from '../items/items.table.ts'
import { members } from '../members/members.table.ts'

/** More than what sockets hold of it, so that the server has not sent all before the other side reads. */
const LARGE = 48 * 1024 * 1024

let test: TestApp
let origin: string
let operator: TestUser
let workspace: TestWorkspace
let fileId: string
beforeAll(async () => {
  test = await createTestApp()
  origin = await test.app.listen({ port: 0, host: '127.0.0.1' })
  operator = await setUpInstance(test)
  workspace = await createWorkspace(test)
  ;({ id: fileId } = await createFile(test, workspace, {
    name: 'large.bin',
    content: Buffer.alloc(LARGE, 'x'),
  }))
})
afterAll(() => test.close())

const underWay = () => test.deps.transfers.count()
const call = (method: string, path: string, user: TestUser, body?: object) => test.call(method as 'GET', path, { token: user.token, body })
const disable = (user: TestUser) => call('PATCH', `/admin/users/${user.id}`, operator, { disabled: true })

/** Begins to download and reads no further. */
async function begin(address: string, token?: string): Promise<IncomingMessage> {
  const asked = request(address, {
    agent: false,
    headers: token === undefined
      ? {}
      : { authorization: `Bearer ${token}` },
  }).end()
  const [answer] = await once(asked, 'response') as [IncomingMessage]
  expect(answer.statusCode).toBe(200)
  return answer
}
/** @returns how many of the bytes came, and whether the answer ended well */
async function readOn(answer: IncomingMessage): Promise<{ bytes: number, whole: boolean }> {
  let bytes = 0
  try {
    for await (const chunk of answer) bytes += (chunk as Buffer).length
  }
  catch {}
  return { bytes, whole: answer.complete }
}

it('a download ends when the person is disabled, the membership, the link or the token ended, and only then', async () => {
  const staff = () => addMember(test, workspace, 'staff', { spaceRole: 'editor' })
  const [disabled, left, program, sharer, other] = await Promise.all([
    staff(),
    staff(),
    staff(),
    staff(),
    staff(),
  ])
  const content = `${origin}/api/v1/files/${fileId}/content`
  const token = (await call('POST', '/me/tokens', program, {
    name: 'x',
    scopes: ['read'],
  })).body
  const ticketOf = async (user: TestUser, bearer = user.token) => {
    const { url } = (await test.call('POST', `/files/${fileId}/download`, { token: bearer })).body
    return `${origin}${new URL(url).pathname}`
  }
  const linkOf = async () => {
    const link = (await call('POST', `/workspaces/${workspace.id}/links`, sharer, {
      itemIds: [fileId],
    })).body
    const { url } = (await test.call('POST', `/public/links/${link.url.split('/').at(-1)}/download`, { body: {} })).body
    return { id: link.id, address: `${origin}${new URL(url).pathname}` }
  }
  const [revoked, ofSharer] = [await linkOf(), await linkOf()]
  const going = {
    disabled: await begin(content, disabled.token),
    disabledByTicket: await begin(await ticketOf(disabled)),
    left: await begin(content, left.token),
    program: await begin(content, token.token),
    programByTicket: await begin(await ticketOf(program, token.token)),
    revoked: await begin(revoked.address),
    ofSharer: await begin(ofSharer.address),
    programsPerson: await begin(content, program.token),
    other: await begin(content, other.token),
  }
  expect(underWay()).toBe(9)

  await disable(disabled)
  await expect.poll(underWay).toBe(7)
  const [seat] = await test.deps.db.select({ id: members.id }).from(members).where(and(eq(members.workspaceId, workspace.id), eq(members.userId, left.id)))
  await call('DELETE', `/workspaces/${workspace.id}/members/${seat!.id}`, workspace.owner)
  await expect.poll(underWay).toBe(6)
  await call('DELETE', `/me/tokens/${token.id}`, program)
  await expect.poll(underWay).toBe(4)
  await call('DELETE', `/workspaces/${workspace.id}/links/${revoked.id}`, workspace.owner)
  await expect.poll(underWay).toBe(3)
  // A link goes on by its creator's right.
  await disable(sharer)
  await expect.poll(underWay).toBe(2)

  const ended = await Promise.all(Object.entries(going).map(async ([name, answer]) => [name, await readOn(answer)] as const))
  expect(Object.fromEntries(ended.map(([name, { whole }]) => [name, whole]))).toEqual({
    disabled: false,
    disabledByTicket: false,
    left: false,
    program: false,
    programByTicket: false,
    revoked: false,
    ofSharer: false,
    programsPerson: true,
    other: true,
  })
  for (const [name, { bytes, whole }] of ended) {
    if (whole) expect(bytes, name).toBe(LARGE)
    else expect(bytes, name).toBeLessThan(LARGE)
  }
  expect(underWay()).toBe(0)
})

it('a download ends when the workspace asks for a second factor that the person does not have, or no longer has; one by their link goes on', async () => {
  const asking = await createWorkspace(test)
  const { id } = await createFile(test, asking, {
    name: 'large.bin',
    content: Buffer.alloc(LARGE, 'x'),
  })
  const [without, holder] = [await addMember(test, asking, 'staff', { spaceRole: 'editor' }), await addMember(test, asking, 'staff', { spaceRole: 'editor' })]
  await addTotp(test, asking.owner)
  await addTotp(test, holder)
  const content = `${origin}/api/v1/files/${id}/content`
  const link = (await call('POST', `/workspaces/${asking.id}/links`, without, {
    itemIds: [id],
  })).body
  const { url } = (await test.call('POST', `/public/links/${link.url.split('/').at(-1)}/download`, { body: {} })).body
  const going = {
    without: await begin(content, without.token),
    holder: await begin(content, holder.token),
    link: await begin(`${origin}${new URL(url).pathname}`),
  }
  expect(underWay()).toBe(3)
  expect((await call('PUT', `/workspaces/${asking.id}/second-factor`, asking.owner, { askedOf: 'staff', graceDays: 0 })).status).toBe(200)
  await expect.poll(underWay).toBe(2)
  expect((await call('DELETE', '/me/totp', holder)).status).toBe(204)
  await expect.poll(underWay).toBe(1)
  const ended = await Promise.all(Object.entries(going).map(async ([name, answer]) => [name, (await readOn(answer)).whole] as const))
  expect(Object.fromEntries(ended)).toEqual({ without: false, holder: false, link: true })
  expect(underWay()).toBe(0)
})

it('an upload ends with its right, and nothing of it becomes a file', async () => {
  const [byForm, byParts] = [await addMember(test, workspace, 'staff', { spaceRole: 'editor' }), await addMember(test, workspace, 'staff', { spaceRole: 'editor' })]
  const upload = (await call('POST', `/workspaces/${workspace.id}/uploads`, byParts, { parentId: workspace.rootId, name: 'by-parts.bin', size: LARGE })).body
  const send = (method: string, path: string, token: string, headers: Record<string, string | number>, first: string | Buffer): ClientRequest => {
    const sent = request(`${origin}/api/v1${path}`, {
      method,
      agent: false,
      headers: { authorization: `Bearer ${token}`, ...headers },
    })
    sent.on('error', () => {})
    sent.write(first)
    return sent
  }
  const form = send('POST', `/workspaces/${workspace.id}/files?parentId=${workspace.rootId}&name=by-form.bin`, byForm.token, {
    'content-type': 'multipart/form-data; boundary=cut',
    'content-length': LARGE,
  }, '--cut\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nbegun')
  const part = send('PUT', `/uploads/${upload.id}/parts/1`, upload.uploadToken, {
    'content-type': 'application/octet-stream',
    'content-length': upload.partSize,
  }, Buffer.alloc(1024))
  await expect.poll(underWay).toBe(2)
  const answers = Promise.all([form, part].map(async sent => ((await once(sent, 'response')) as [IncomingMessage])[0].statusCode))
  await Promise.all([
    disable(byForm),
    disable(byParts),
  ])
  expect(await answers).toEqual([404, 404])
  form.destroy()
  part.destroy()
  expect(underWay()).toBe(0)
  expect((await test.deps.db.select({ name: items.name }).from(items).where(eq(items.workspaceId, workspace.id))).map(({ name }) => name)).not.toContain('by-form.bin')
})
