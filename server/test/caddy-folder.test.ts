import { readdirSync, truncateSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { addFiles, bed, content, downloadsOf, get, problemOf, sameAsDirect, start, stop } from './caddy-downloads.contract.ts'
import { caddyBinary } from './caddy.ts'
import { createFile } from './factories.ts'

const why = caddyBinary
  ? ''
  : ' (skipped: no Caddy; install it or set CADDY_BINARY)'

describe.skipIf(why)(`downloads from a folder, sent by Caddy${why}`, () => {
  const pathOnDisk = (key: string) => {
    const folder = join(bed.test.config.dataDir, 'storage')
    return join(folder, readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(entry => entry.includes(key.split('/').at(-1)!))!)
  }
  /** Gone between the server's look and Caddy's. */
  const vanish = (key: string) => {
    const locate = bed.test.deps.storage.locateObject
    const spy = vi.spyOn(bed.test.deps.storage, 'locateObject').mockImplementation(async (...args) => {
      const location = await locate(...args)
      unlinkSync(pathOnDisk(key))
      return location
    })
    onTestFinished(() => spy.mockRestore())
  }

  beforeAll(async () => {
    await start({})
    await addFiles()
  })
  afterAll(stop)

  sameAsDirect(async lost => vanish(lost.objectKey))

  it('notes nothing when the file is not there', async () => {
    const lost = await createFile(bed.test, bed.workspace, { name: 'not there', content })
    truncateSync(pathOnDisk(lost.objectKey), 5)
    const answer = await get(lost.id)
    expect([answer.status, problemOf(answer).code]).toEqual([500, 'file.corrupt'])
    expect(await downloadsOf(lost.id)).toEqual([])
  })
})
