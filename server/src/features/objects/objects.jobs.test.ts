import type { AddressInfo } from 'node:net'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { createWorkspace } from '../../../test/factories.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { findViolations } from '../../../test/violations.ts'
import { cut, MiB, sendTo, sha256 } from '../uploads/uploads.fixture.ts'
import { createObjectRegister } from './objects.service.ts'

it('the running server verifies what came in parts and deletes what was given up', async () => {
  const test = await useTestApp({ work: true })
  await test.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = test.app.server.address() as AddressInfo
  const w = await createWorkspace(test)
  const bytes = randomBytes(16 * MiB + 1)
  const create = async (name: string) => (await sendTo(port, 'POST', `/workspaces/${w.id}/uploads`, {
    token: w.owner.token,
    body: { parentId: w.rootId, name, size: bytes.length },
  })).body

  const upload = await create('kept')
  for (const [i, part] of cut(bytes, upload).entries()) await sendTo(port, 'PUT', `/uploads/${upload.id}/parts/${i + 1}`, { token: upload.uploadToken, body: part })
  const complete = () => sendTo(port, 'POST', `/uploads/${upload.id}/complete`, {
    token: upload.uploadToken,
    body: {
      sha256: sha256(bytes),
    },
  })
  expect((await complete()).body.integrity).toMatch(/^(?:pending|verified)$/)
  await expect.poll(async () => (await complete()).body).toMatchObject({
    integrity: 'verified',
    sha256: sha256(bytes),
  })

  const given = await create('given up')
  expect((await sendTo(port, 'DELETE', `/uploads/${given.id}`, { token: given.uploadToken })).status).toBe(204)
  const objects = createObjectRegister(test.deps)
  const { key } = await objects.stage(w.id, { wanted: 5 })
  await test.deps.storage.putObject(key, Readable.from(['bytes']))
  await test.deps.db.transaction(tx => objects.doom(tx, key))
  await expect.poll(() => findViolations(test.deps)).toEqual([])
  expect(await test.deps.storage.statObject(key)).toBeUndefined()
})
