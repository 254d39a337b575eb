import type { Row } from './measure.ts'
import type { Subject } from './subject.ts'
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { compare, inParallel, MIB } from './measure.ts'
import { receive, send } from './transfer.ts'

const PART = 16 * MIB

/** The local folder beside a server that only moves bytes (bare-server.ts). */
export async function benchBare({ api, uploadWhole, uploadParts }: Subject, folder: string): Promise<Row[]> {
  const bare = fork(fileURLToPath(new URL('./bare-server.ts', import.meta.url)), [folder])
  try {
    const [port] = await once(bare, 'message') as [number]
    const url = `http://localhost:${port}`
    const chunk = randomBytes(512 * 1024)
    const rows: Row[] = []
    let counter = 0
    const putBare = (bytes: number) => send(`${url}/put-${counter++ % 4}`, { method: 'PUT' }, bytes, chunk)
    for (const { label, bytes, times } of [
      { label: '1 MiB', bytes: MIB, times: 20 },
      { label: '64 MiB', bytes: 64 * MIB, times: 2 },
      { label: '1 GiB', bytes: 1024 * MIB, times: 1 },
    ]) {
      const megabytes = bytes * times / 1e6
      const repeat = (work: () => Promise<unknown>) => async () => { for (let i = 0; i < times; i++) await work() }
      let id = ''
      rows.push(await compare(`upload ${label}, one request`, megabytes, 'MB/s', [
        {
          name: 'ClientShare',
          work: repeat(async () => { id = await uploadWhole(bytes, chunk) }),
        },
        {
          name: 'bare server',
          work: repeat(() => putBare(bytes)),
        },
      ]))
      await send(`${url}/file-${bytes}`, { method: 'PUT' }, bytes, chunk)
      rows.push(await compare(`download ${label}`, megabytes, 'MB/s', [
        {
          name: 'ClientShare',
          work: repeat(() => receive(`${api.base}/files/${id}/content`, { authorization: `Bearer ${api.token}` })),
        },
        {
          name: 'bare server',
          work: repeat(() => receive(`${url}/file-${bytes}`)),
        },
      ]))
      if (bytes <= PART) continue
      rows.push(await compare(`upload ${label} in parts, 4 at once`, megabytes, 'MB/s', [
        {
          name: 'ClientShare',
          work: repeat(() => uploadParts(bytes, chunk)),
        },
        {
          name: 'bare server',
          work: repeat(() => inParallel(4, Math.ceil(bytes / PART), n => send(`${url}/part-${n % 8}`, { method: 'PUT' }, Math.min(PART, bytes - (n - 1) * PART), chunk))),
        },
      ]))
    }
    return rows
  }
  finally {
    bare.kill()
  }
}
