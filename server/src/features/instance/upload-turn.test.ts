import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../../test/database.ts'
import { createWorkspace } from '../../../test/factories.ts'
import { fetchRaw, listen } from '../../../test/sockets.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { formOf } from '../uploads/uploads.fixture.ts'

it('of two servers on one folder the second takes no uploads and says why, until the first has gone', async () => {
  const database = await createTestDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'clientshare-turn-'))
  onTestFinished(async () => {
    await database.drop()
    rmSync(folder, { recursive: true })
  })
  const options = {
    // Dropped when both have let go of it.
    database: {
      ...database,
      drop: async () => {},
    },
    env: {
      STORAGE: 'local',
      DATA_DIR: folder,
      SECRET_KEY: 'k'.repeat(43),
    },
  }
  const [first, second] = [await useTestApp(options), await useTestApp(options)]
  const workspace = await createWorkspace(first)
  const upload = ({ app }: typeof first, name: string) => {
    const { body, headers } = formOf(Buffer.from('hello'))
    return app.inject({
      method: 'POST',
      url: `/api/v1/workspaces/${workspace.id}/files?parentId=${workspace.rootId}&name=${name}`,
      payload: body,
      headers: { ...headers, authorization: `Bearer ${workspace.owner.token}` },
    })
  }
  const ready = async ({ app }: typeof first) => (await app.inject('/readyz')).json()
  const asked = (port: number) => fetchRaw(port, '/healthz', { method: 'HEAD' }).then(({ status }) => status, (error: NodeJS.ErrnoException) => error.code)

  const firstPort = await listen(first)
  await first.deps.uploadTurn.start()
  const secondPort = await listen(second)
  await second.deps.uploadTurn.start()
  expect([(await upload(first, 'a')).statusCode, await asked(firstPort)]).toEqual([201, 200])
  const refused = await upload(second, 'b')
  expect([refused.statusCode, refused.json().detail, await asked(secondPort)]).toEqual([503, 'Another server takes the uploads', 'ECONNRESET'])
  expect(await ready(second)).toEqual({
    status: 'unavailable',
    checks: { database: 'ok', storage: 'ok', uploads: 'taken by another server: STORAGE=local is for one' },
  })
  expect(await ready(first)).toEqual({
    status: 'ok',
    checks: { database: 'ok', storage: 'ok' },
  })

  await first.deps.uploadTurn.stop()
  await expect.poll(() => ready(second)).toMatchObject({ status: 'ok' })
  expect([(await upload(second, 'b')).statusCode, await asked(secondPort)]).toEqual([201, 200])
})
