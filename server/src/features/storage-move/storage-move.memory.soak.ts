import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { Readable } from 'node:stream'
import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { watchMemory } from '../../../test/memory-watch.ts'
import { fileVersions } from '../items/items.table.ts'
import { useMoveTest } from './storage-move.fixture.ts'

const MiB = 1024 * 1024
const SIZE = 512 * MiB

it(`a file of ${SIZE / MiB} MiB does not pass through memory as a whole`, async () => {
  const move = await useMoveTest()
  const chunk = randomBytes(MiB)
  const { versionId, objectKey } = await move.addFile(randomUUIDv7(), { integrity: 'pending' })
  await move.stores.local.putObject(objectKey, Readable.from((function* () {
    for (let i = 0; i < SIZE / MiB; i++) yield chunk
  })(), { objectMode: false }), { size: SIZE })
  await move.test.deps.db.update(fileVersions).set({ sizeBytes: SIZE }).where(eq(fileVersions.id, versionId))

  const memory = watchMemory()
  let held: number
  try {
    expect(await move.run()).toMatchObject({
      outcome: { result: 'moved' },
      copied: 1,
    })
  }
  finally {
    held = memory.stop()
  }
  expect(await move.stores.s3.statObject(objectKey)).toEqual({ size: SIZE })
  expect(held / MiB).toBeLessThan(16)
})
