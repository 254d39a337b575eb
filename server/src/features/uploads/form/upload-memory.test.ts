import type { AddressInfo } from 'node:net'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, it } from 'vitest'
import { createWorkspace } from '../../../../test/factories.ts'
import { watchMemory } from '../../../../test/memory-watch.ts'
import { isSoak } from '../../../../test/soak.ts'
import { useTestApp } from '../../../../test/test-app.ts'
import { MiB } from '../uploads.fixture.ts'

const SIZE = (isSoak
  ? 512
  : 128) * MiB

it(`a file of ${SIZE / MiB} MiB in one request does not pass through memory as a whole`, async () => {
  const test = await useTestApp()
  await test.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = test.app.server.address() as AddressInfo
  const w = await createWorkspace(test)
  const chunk = randomBytes(MiB)
  const head = '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
  const tail = '\r\n--b--\r\n'
  function* form() {
    yield Buffer.from(head)
    for (let i = 0; i < SIZE / MiB; i++) yield chunk
    yield Buffer.from(tail)
  }
  const memory = watchMemory()
  let held: number
  try {
    const status = await new Promise<number>((resolve, reject) => {
      const call = request({
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: `/api/v1/workspaces/${w.id}/files?parentId=${w.rootId}&name=large`,
        headers: { 'authorization': `Bearer ${w.owner.token}`, 'content-type': 'multipart/form-data; boundary=b', 'content-length': SIZE + head.length + tail.length },
      }, (response) => {
        response.resume()
        resolve(response.statusCode!)
      })
      call.once('error', reject)
      pipeline(Readable.from(form(), { objectMode: false }), call).catch(reject)
    })
    expect(status).toBe(201)
  }
  finally {
    held = memory.stop()
  }
  // The client and the server share this process.
  expect(held).toBeLessThan(16 * MiB)
})
