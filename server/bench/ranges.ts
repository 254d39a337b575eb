// node server/bench/ranges.ts: ranges of 16 MiB by Node, checked block by block and as they come from the store (as they were sent before sums of
// blocks were noted: the same file without its sums), in turns, one client; on the local folder and, with MINIO_BINARY, on MinIO, or on the one named.
import type { AddressInfo } from 'node:net'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { eq } from 'drizzle-orm'
import { startCluster } from '../../scripts/embedded-postgres.ts'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config/config.ts'
import { dataSteps } from '../src/data-steps.ts'
import { migrate } from '../src/db/migrate.ts'
import { createDeps } from '../src/deps.ts'
import { handlersOf } from '../src/features.ts'
import { fileVersions } from '../src/features/items/items.table.ts'
import { objectBlocks } from '../src/features/objects/objects.table.ts'
import { minioBinary, s3Env, startMinio } from '../test/minio.ts'
import { compare, MIB } from './measure.ts'

const FILE = 64 * MIB
const RANGE = 16 * MIB
const REQUESTS = 40
const ROUNDS = 7

async function measure(store: string, settings: Record<string, string>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'clientshare-ranges-'))
  const cluster = await startCluster({
    folder: join(home, 'postgres'),
    ephemeral: true,
  })
  try {
    await migrate(cluster.url(), dataSteps)
    const deps = await createDeps({
      config: loadConfig({
        DATABASE_URL: cluster.url(),
        DATA_DIR: join(home, 'data'),
        SECRET_KEY: randomBytes(32).toString('base64url'),
        PUBLIC_URL: 'http://localhost:3000',
        LOG_LEVEL: 'silent',
        SETUP_TOKEN: 'set-up-token-of-the-benchmark',
        ...settings,
      }),
      version: '0.0.0-bench',
      log: {
        info: () => {},
        error: () => {},
      },
    })
    const app = await buildApp(deps)
    await deps.jobs.start(handlersOf(deps), { work: false })
    await deps.instance.prepareSetup()
    await app.listen({ port: 0, host: '127.0.0.1' })
    try {
      const base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/v1`
      const { accessToken } = await (await fetch(`${base}/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          token: 'set-up-token-of-the-benchmark',
          name: 'Olga',
          email: 'olga@example.com',
          password: 'wombat-lantern-orbit-77',
          instanceName: 'Ranges',
        }),
      })).json() as { accessToken: string }
      const headers = { authorization: `Bearer ${accessToken}` }
      const workspace = await (await fetch(`${base}/workspaces`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Bench', slug: 'bench' }),
      })).json() as { id: string }
      const { items: [space] } = await (await fetch(`${base}/workspaces/${workspace.id}/spaces`, { headers })).json() as { items: { rootFolderId: string }[] }
      const upload = async (name: string) => {
        const form = new FormData()
        form.set('file', new Blob([
          randomBytes(FILE),
        ]), name)
        return (await (await fetch(`${base}/workspaces/${workspace.id}/files?parentId=${space!.rootFolderId}&name=${name}`, { method: 'POST', headers, body: form })).json() as { id: string }).id
      }
      const [checked, unchecked] = [await upload('checked'), await upload('unchecked')]
      const [version] = await deps.db.select({ key: fileVersions.objectKey }).from(fileVersions).where(eq(fileVersions.itemId, unchecked))
      await deps.db.delete(objectBlocks).where(eq(objectBlocks.objectKey, version!.key))

      /** One connection, one range after the other, each beginning inside a block. */
      async function read(id: string): Promise<void> {
        const start = 5 * MIB + 1234
        const url = `${base}/files/${id}/content`
        const child = spawn('curl', [
          ...[
            '-sf',
            '-H',
            `authorization: ${headers.authorization}`,
            '-r',
            `${start}-${start + RANGE - 1}`,
          ],
          ...Array.from({ length: REQUESTS }, () => [url, '-o', '/dev/null']).flat(),
        ], { stdio: 'ignore' })
        const [code] = await once(child, 'exit') as [number]
        if (code !== 0) throw new Error(`curl ended with ${code}`)
      }
      for (const id of [checked, unchecked]) await read(id) // warming up
      await compare(`${store}, ranges of 16 MiB`, REQUESTS * RANGE / 1e6, 'MB/s', [
        {
          name: 'checked',
          work: () => read(checked),
        },
        {
          name: 'as they come',
          work: () => read(unchecked),
        },
      ], ROUNDS)
    }
    finally {
      app.server.closeAllConnections()
      await app.close()
      await deps.close()
    }
  }
  finally {
    await cluster.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

const only = process.argv[2]
if (only !== 'minio') await measure('folder', { STORAGE: 'local' })
if (minioBinary && only !== 'folder') {
  const minio = await startMinio()
  try {
    await measure('MinIO', s3Env(minio, minio.endpoint))
  }
  finally {
    await minio.dispose()
  }
}
