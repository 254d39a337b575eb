// npm run bench: ClientShare beside others, side by side in one run on one machine. `--write` keeps the tables in docs/performance.md;
// `--only bare,folder,minio,archive,hostile,mail,notifications,memory,web` runs some; of the last, `--pages sign-in,link,policy,files` some pages, `--runs` times each.
import type { Row } from './measure.ts'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startS3Store } from '../acceptance/support/s3-store.ts'
import { caddyBinary } from '../test/caddy.ts'
import { minioBinary } from '../test/minio.ts'
import { benchArchive } from './archive.bench.ts'
import { benchBare } from './bare.bench.ts'
import { benchHostile } from './hostile.bench.ts'
import { benchMail } from './mail.bench.ts'
import { formatHead, formatRow, ROUNDS } from './measure.ts'
import { benchMemory } from './memory.bench.ts'
import { benchNotifications } from './notifications.bench.ts'
import { benchFolder, benchMinio } from './stores.bench.ts'
import { startSubject } from './subject.ts'
import { benchWeb } from './web.bench.ts'

const missing = [
  ...caddyBinary
    ? []
    : ['a Caddy (CADDY_BINARY, or on the PATH)'],
  ...minioBinary
    ? []
    : ['a MinIO server (MINIO_BINARY)'],
  ...['curl', 'zip'].filter(command => spawnSync(command, ['--version']).error),
]
if (missing.length > 0) {
  process.stderr.write(`The benchmark needs ${missing.join(', ')}.\n`)
  process.exit(1)
}
const { values } = parseArgs({
  options: {
    write: { type: 'boolean' },
    only: { type: 'string' },
    pages: { type: 'string' },
    runs: { type: 'string' },
    slowdown: { type: 'string' },
  },
})
const chosen = values.only?.split(',')
const wanted = (name: string) => !chosen || chosen.includes(name)

const scratch = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'clientshare-bench-'))
const sections: string[] = []
/** @param note what one has to know to read the table */
function section(title: string, note: string, rows: Row[]): void {
  if (rows.length > 0) sections.push(`## ${title}\n\n${note}\n\n${formatHead(rows[0]!.sides.map(side => side.name))}\n${rows.map(formatRow).join('\n')}\n`)
}

const head = `${cpus().length} cores, Node ${process.version}, loopback, one client; medians of ${ROUNDS} rounds (least–most), all sides in turn; bold: the ratio to the last column.`
process.stdout.write(`${head}\n\n`)
try {
  if (wanted('folder') || wanted('bare') || wanted('archive') || wanted('hostile') || wanted('web')) {
    const subject = await startSubject({ STORAGE: 'local' })
    try {
      if (wanted('folder')) section('Downloads from the local folder', 'Behind Caddy: the server decides, `docker/downloads.caddy` sends the file.', await benchFolder(subject, scratch))
      if (wanted('archive')) {
        const { rows, grownMib } = await benchArchive(subject, scratch)
        section('Archives', `Read from the local folder, made while they are sent; the server's memory grew by ${grownMib} MiB at most.`, rows)
      }
      if (wanted('hostile')) section('Hostile bodies', 'How many times a second `/healthz` is answered, one after another, while others send bodies that no route takes.', await benchHostile(subject))
      if (wanted('web')) {
        sections.push(`## First loads\n\nLighthouse 12.2.3 as on a middling phone, medians, an empty cache, served by Node; bytes with their headers.\n\n${await benchWeb(subject, {
          pages: values.pages?.split(','),
          runs: values.runs
            ? Number(values.runs)
            : undefined,
          slowdown: values.slowdown
            ? Number(values.slowdown)
            : undefined,
        })}\n`)
      }
      if (wanted('bare')) section('Beside a bare server', 'The bare server is `server/bench/bare-server.ts`: Node\'s own HTTP, a file, an fsync after a PUT, nothing else. ClientShare hashes every byte (SHA-256), checks access, writes the audit event and the rows, and flushes in the same way.', await benchBare(subject, scratch))
    }
    finally {
      await subject.dispose()
    }
  }
  if (wanted('mail')) section('Mail', 'To a mail server in another process that takes everything, over five connections.', await benchMail(scratch))
  if (wanted('notifications')) {
    const { told, actions, counts } = await benchNotifications(scratch)
    const note = 'One worker, a PostgreSQL of its own.'
    section('Notifications: told', `${note} Each event is a line of its own, and each of the fifty was granted a folder above it.`, told)
    section('Notifications: what they cost the action', `${note} An event recorded while a reader of the same process tells fifty people of it.`, actions)
    section('Notifications: the count', note, counts)
  }
  if (wanted('minio') || wanted('memory')) {
    const store = await startS3Store()
    const subject = await startSubject({
      ...store.settings,
      S3_ENDPOINT: store.minio.endpoint,
    })
    try {
      if (wanted('memory')) sections.push(`## Memory\n\n200 downloads at 1 MB/s each and 50 uploads in parts, all of 1 GiB and through Node, for 30 seconds; MiB resident, idle after one upload of 1 GiB.\n\n| store | idle | peak | growth | uploaded meanwhile |\n|---|---|---|---|---|\n${await benchMemory(subject, 'MinIO')}\n`)
      if (wanted('minio')) {
        const { downloads, uploads } = await benchMinio(subject, store)
        section('Downloads from MinIO', 'Straight: the same number of bytes by a presigned address of the same MinIO server.', downloads)
        section('Uploads to MinIO', 'Straight: presigned PUTs of the same sizes, as many at once.', uploads)
      }
    }
    finally {
      await subject.dispose()
      await store.dispose()
    }
  }
  if (values.write) {
    writeFileSync(fileURLToPath(new URL('../../docs/performance.md', import.meta.url)), `# Performance

Ratios measured side by side in one run; absolute numbers say little, they are those of one machine. Made by \`npm run bench -- --write\`
with MINIO_BINARY and CADDY_BINARY set.

${head}

${sections.join('\n')}`)
  }
}
finally {
  rmSync(scratch, { recursive: true, force: true })
}
