// How long a search takes by how many names there are: node server/bench/search.ts [items…]
import { randomUUIDv7 } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import { startCluster } from '../../scripts/embedded-postgres.ts'
import { dataSteps } from '../src/data-steps.ts'
import { createDatabase } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import { searchWords, toParsedName } from '../src/features/items/item-name.ts'
import * as queries from '../src/features/items/items.queries.ts'
import { median } from './measure.ts'

const sizes = process.argv.slice(2).map(Number)
const ROUNDS = 15
const subjects = [
  'Annual report',
  'Invoice',
  'Contract',
  'Präsentation',
  'Straße',
  'Отчёт',
  'λόγος',
  '報告書',
  'Minutes of the meeting',
  'Offer',
]
const owners = [
  'Müller',
  'Smith',
  'García',
  'Łukasiewicz',
  'Ивановъ',
  'Παπαδόπουλος',
  '田中',
  'O’Brien',
  'van der Berg',
  'Şahin',
]
const nameOf = (n: number) => `${subjects[n % 10]} ${owners[Math.floor(n / 10) % 10]} ${2000 + n % 27} ${n}${n % 1000 === 7
  ? ' final'
  : ''}.pdf`
/** What is looked for, by how often it is there. */
const asked = {
  'nowhere': 'xylophone',
  'nowhere, of letters that are everywhere': 'contrareport',
  'nowhere, Cyrillic': 'ксилофон',
  'nowhere, two words': 'invoice xylophone',
  'two letters, nowhere': 'qj',
  'one item': `${subjects[3]} 4243`,
  'one in a thousand': 'FINAL',
  'one in a hundred': 'müller λογος',
  'one in ten': 'strasse',
  'all': 'pdf',
}

async function fill(url: string, count: number): Promise<{ workspaceId: string, userId: string }> {
  const client = new pg.Client(url)
  await client.connect()
  const [workspaceId, userId, spaceId, rootId] = [
    randomUUIDv7(),
    randomUUIDv7(),
    randomUUIDv7(),
    randomUUIDv7(),
  ]
  // Made anew behind the rows, which is much sooner done.
  const { rows: indexes } = await client.query<{ name: string, made: string }>(`select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as made from pg_index where indrelid = 'items'::regclass and not indisprimary`)
  for (const { name } of indexes) await client.query(`drop index ${name}`)
  await client.query('begin')
  await client.query('set constraints all deferred')
  await client.query(`insert into workspaces (id, name, slug, created_at) values ($1, 'W', 'w', now())`, [workspaceId])
  await client.query(`insert into spaces (id, workspace_id, kind, name, root_folder_id, created_at) values ($1, $2, 'team', 'W', $3, now())`, [spaceId, workspaceId, rootId])
  const insert = (rows: object[]) => client.query('insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, search_text, size_bytes, created_at, updated_at) select id, $1, $2, parent_id, kind, name, name_key, search_text, 1, now(), now() from json_to_recordset($3) as row (id uuid, parent_id uuid, kind text, name text, name_key text, search_text text)', [
    workspaceId,
    spaceId,
    JSON.stringify(rows),
  ])
  const rowOf = (id: string, parentId: string | null, kind: string, name: string) => {
    const parsed = toParsedName(name)
    return {
      id,
      parent_id: parentId,
      kind,
      name,
      name_key: parsed.key,
      search_text: parsed.search,
    }
  }
  await insert([
    rowOf(rootId, null, 'folder', 'W'),
  ])
  const folders = Array.from({
    length: Math.max(1, count / 1000),
  }, (_, n) => rowOf(randomUUIDv7(), rootId, 'folder', `Folder ${n}`))
  await insert(folders)
  for (let from = 0; from < count; from += 5000) {
    await insert(Array.from({
      length: Math.min(5000, count - from),
    }, (_, n) => rowOf(randomUUIDv7(), folders[(from + n) % folders.length]!.id, 'file', nameOf(from + n))))
  }
  await client.query('commit')
  await client.query(`set maintenance_work_mem = '512MB'`)
  for (const { made } of indexes) await client.query(made)
  await client.query('vacuum analyze items')
  await client.end()
  return { workspaceId, userId }
}

const results = new Map<number, Record<string, number>>()
for (const size of sizes.length > 0
  ? sizes
  : [10_000, 1_000_000]) {
  const cluster = await startCluster({
    folder: mkdtempSync(join(tmpdir(), 'clientshare-search-')),
    ephemeral: true,
  })
  try {
    await migrate(cluster.url(), dataSteps)
    const { workspaceId, userId } = await fill(cluster.url(), size)
    const database = createDatabase({
      url: cluster.url(),
      poolSize: 1,
    })
    const times: Record<string, number[]> = {}
    for (let round = 0; round < ROUNDS; round++) {
      for (const [what, q] of Object.entries(asked)) {
        const start = performance.now()
        for (const kind of ['folder', 'file'] as const) {
          await queries.pageOfMatches(database.db, {
            workspaceId,
            userId,
            reach: { everywhere: true, all: [], own: [] },
          }, {
            words: searchWords(q),
            below: undefined,
          }, {
            kind,
            order: { field: 'name', descending: false },
            after: undefined,
            limit: 51,
          })
        }
        ;(times[what] ??= []).push(performance.now() - start)
      }
    }
    await database.close()
    results.set(size, Object.fromEntries(Object.entries(times).map(([what, all]) => [
      what,
      median(all),
    ])))
  }
  finally {
    await cluster.stop()
  }
}
const measured = [
  ...results.keys(),
]
process.stdout.write(`${cpus().length} cores, Node ${process.version}; medians of ${ROUNDS} rounds in turn, in ms; the first page of 50, folders and files.\n\n| found | ${measured.map(size => `${size} items`).join(' | ')} | last ÷ first |\n|---|${'---|'.repeat(measured.length + 1)}\n`)
for (const what of Object.keys(asked)) {
  const row = measured.map(size => results.get(size)![what]!)
  process.stdout.write(`| ${what} | ${row.map(ms => ms.toFixed(1)).join(' | ')} | ${(row.at(-1)! / row[0]!).toFixed(1)} |\n`)
}
