import type { Caller } from '../../http/caller.ts'
import type { ReceivedFile } from './file-commit.ts'
import type { UploadsTest } from './uploads.fixture.ts'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseItemName } from '../items/item-name.ts'
import { objects } from '../objects/objects.table.ts'
import { commitReceived } from './file-commit.ts'
import { createUploadsTest } from './uploads.fixture.ts'
import { uploads } from './uploads.table.ts'

describe('what somebody without an account sends', () => {
  let t: UploadsTest
  beforeAll(async () => { t = await createUploadsTest() })
  afterAll(() => t.close())

  const visitor: Caller = {
    actor: { kind: 'visitor', id: null, name: 'Guest' },
    origin: { via: 'link', ip: '192.0.2.7', userAgent: null },
  }

  type Workspace = Awaited<ReturnType<UploadsTest['workspace']>>

  async function send(w: Workspace, name: string, bytes: Buffer, onConflict: ReceivedFile['onConflict'] = 'fail') {
    const { db, storage } = t.test.deps
    const { key } = await t.context.objects.stage(w.id, { wanted: bytes.length })
    await storage.putObject(key, Readable.from([bytes]), { size: bytes.length })
    const parent = await t.context.access.requireItem(w.owner.id, w.rootId, { action: 'upload', workspaceId: w.id, kind: 'folder' })
    try {
      const [item] = await db.transaction(tx => commitReceived(t.context, tx, [
        {
          caller: visitor,
          parent,
          userId: null,
          name: parseItemName(name),
          onConflict,
          object: {
            key,
            size: bytes.length,
            sha256: createHash('sha256').update(bytes).digest('hex'),
            crc32: crc32(bytes),
            blocks: null,
            mediaType: 'application/octet-stream',
            lastModified: null,
          },
        },
      ]))
      return item!
    }
    catch (error) {
      await t.context.objects.discard(key)
      throw error
    }
  }

  it('is listed, shown, downloaded and counted like any other, as nobody’s', async () => {
    const w = await t.workspace()
    const as = { token: w.owner.token }
    const bytes = randomBytes(1000)
    const item = await send(w, 'from a guest.bin', bytes)
    expect(item.createdBy).toBeNull()

    const listed = await t.send('GET', `/workspaces/${w.id}/items?parentId=${w.rootId}`, as)
    expect(listed.body.items).toMatchObject([
      { id: item.id, name: 'from a guest.bin', createdBy: null },
    ])
    expect((await t.send('GET', `/items/${item.id}`, as)).body).toMatchObject({ createdBy: null, version: 1, size: 1000 })
    expect((await t.send('GET', `/files/${item.id}/versions`, as)).body.items).toMatchObject([
      { version: 1, createdBy: null },
    ])
    const loaded = await fetch(`http://127.0.0.1:${t.port}/api/v1/files/${item.id}/content`, {
      headers: { authorization: `Bearer ${w.owner.token}` },
    })
    expect(Buffer.from(await loaded.arrayBuffer()).equals(bytes)).toBe(true)

    const log = await t.send('GET', `/workspaces/${w.id}/audit?action=file.uploaded`, as)
    expect(log.body.items).toMatchObject([
      {
        actor: { kind: 'visitor', id: null },
        origin: { via: 'link' },
        subject: { id: item.id },
      },
    ])
    expect(await t.violations()).toEqual([])
  })

  it('replaces nothing, of others or of other guests', async () => {
    const w = await t.workspace()
    await send(w, 'taken.bin', randomBytes(10))
    await expect(send(w, 'taken.bin', randomBytes(10), 'replace')).rejects.toMatchObject({ code: 'item.name_taken' })
    expect(await t.violations()).toEqual([])
  })

  it('is given up by the sweep’s means when it comes by parts and ends nowhere', async () => {
    const w = await t.workspace()
    const upload = await t.createUpload(w, 100)
    const { db } = t.test.deps
    await db.update(uploads).set({ createdBy: null }).where(eq(uploads.id, upload.id))
    // No account has rights by it, and nothing else gives any yet.
    expect((await t.complete(upload)).status).toBe(404)
    expect((await t.send('GET', `/workspaces/${w.id}/uploads`, { token: w.owner.token })).body.items).toEqual([])

    expect((await t.send('DELETE', `/uploads/${upload.id}`, { token: upload.uploadToken })).status).toBe(204)
    const log = await t.send('GET', `/workspaces/${w.id}/audit?action=upload.aborted`, { token: w.owner.token })
    expect(log.body.items).toMatchObject([
      {
        actor: { kind: 'visitor', id: null },
        details: { uploaderId: null },
      },
    ])
    expect(await db.select({ key: objects.key }).from(objects).where(eq(objects.workspaceId, w.id))).toEqual([])
  })
})
