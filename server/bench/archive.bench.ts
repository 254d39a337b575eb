import type { Row } from './measure.ts'
import type { Subject } from './subject.ts'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { compare, inParallel } from './measure.ts'

const FILE_BYTES = 100_000

/** A folder as a ZIP beside `zip -0` of the same files on disk. Also tells how the server's memory grew. */
export async function benchArchive({ api, workspaceId, rootId, server, uploadWhole }: Subject, folder: string): Promise<{ rows: Row[], grownMib: number }> {
  const rows: Row[] = []
  const chunk = randomBytes(FILE_BYTES)
  const idle = server.residentBytes()
  let peak = idle
  for (const count of [100, 1000, 10_000]) {
    const { id } = await api.must('POST', `/workspaces/${workspaceId}/folders`, {
      body: { parentId: rootId, name: `archive ${count}` },
    })
    await inParallel(16, count, () => uploadWhole(FILE_BYTES, chunk, id))
    const local = join(folder, `archive-${count}`)
    mkdirSync(local)
    for (let n = 0; n < count; n++) writeFileSync(join(local, `whole-${n}.bin`), chunk)
    rows.push(await compare(`ZIP of ${count} files of 100 kB`, count * FILE_BYTES / 1e6, 'MB/s', [
      {
        name: 'ClientShare',
        async work() {
          const { url } = await api.must('POST', `/workspaces/${workspaceId}/archives`, {
            body: {
              itemIds: [id],
            },
          })
          const watch = setInterval(() => { peak = Math.max(peak, server.residentBytes()) }, 1000)
          await throwAway('curl', ['--silent', '--fail', new URL(new URL(url).pathname, server.url).href]).finally(() => clearInterval(watch))
        },
      },
      {
        name: '`zip -0`',
        work: () => throwAway('zip', [
          '-0',
          '-q',
          '-r',
          '-',
          '.',
        ], local),
      },
    ], count > 1000
      ? 1
      : 3))
  }
  return {
    rows,
    grownMib: Math.round((peak - idle) / 2 ** 20),
  }
}

/** What it writes goes through a pipe to a reader that keeps nothing, as a browser's would. */
async function throwAway(command: string, args: string[], cwd?: string): Promise<void> {
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  const said = text(child.stderr)
  child.stdout.resume()
  const [code] = await ended
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${await said}`)
}
