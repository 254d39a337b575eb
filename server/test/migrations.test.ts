import type { TestDatabase } from './database.ts'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { checkMigrations, writeHashes } from '../../scripts/check-migrations.ts'
import { dataSteps } from '../src/data-steps.ts'
import { explainMissing, migrate, schemaState } from '../src/db/migrate.ts'
import { createTestDatabase } from './database.ts'

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url))

describe('the migrations of this repository', () => {
  it('are listed in rising order, each with its file', () => {
    expect(checkMigrations(migrations)).toEqual([])
  })
})

describe('checkMigrations', () => {
  const folders: string[] = []
  afterEach(() => folders.splice(0).forEach(folder => rmSync(folder, { recursive: true })))

  function makeFolder(entries: { idx: number, when: number, tag: string }[], files: string[]): string {
    const folder = mkdtempSync(join(tmpdir(), 'clientshare-migrations-'))
    folders.push(folder)
    mkdirSync(join(folder, 'meta'))
    writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ entries }))
    for (const file of files) writeFileSync(join(folder, file), 'select 1;')
    writeHashes(folder)
    return folder
  }
  const one = () => makeFolder([
    { idx: 0, when: 5, tag: 'a' },
  ], ['a.sql'])

  it('finds one that was changed, and notes no other hash for it', () => {
    const folder = one()
    expect(checkMigrations(folder)).toEqual([])
    writeFileSync(join(folder, 'a.sql'), 'select 2;')
    writeHashes(folder)
    expect(checkMigrations(folder)).toEqual([
      expect.stringMatching(/^a: changed/),
    ])
  })

  it('finds one whose hash nobody noted, and a hash of none', () => {
    const folder = one()
    rmSync(join(folder, 'meta/_hashes.json'))
    expect(checkMigrations(folder)).toEqual([
      expect.stringMatching(/^a: without a hash/),
    ])
    writeFileSync(join(folder, 'meta/_hashes.json'), '{"gone":""}')
    expect(checkMigrations(folder)).toContainEqual(expect.stringMatching(/^gone: .* is gone/))
  })

  it.each([
    [
      'two of the same time',
      [
        { idx: 0, when: 5, tag: 'a' },
        { idx: 1, when: 5, tag: 'b' },
      ],
      ['a.sql', 'b.sql'],
      /^b: its time/,
    ],
    [
      'one older than the one before',
      [
        { idx: 0, when: 5, tag: 'a' },
        { idx: 1, when: 4, tag: 'b' },
      ],
      ['a.sql', 'b.sql'],
      /^b: its time/,
    ],
    [
      'a missing file',
      [
        { idx: 0, when: 5, tag: 'a' },
      ],
      [],
      /^a: listed/,
    ],
    [
      'an unlisted file',
      [
        { idx: 0, when: 5, tag: 'a' },
      ],
      ['a.sql', 'b.sql'],
      /^b\.sql: not listed/,
    ],
    [
      'a number out of place',
      [
        { idx: 1, when: 5, tag: 'a' },
      ],
      ['a.sql'],
      /^a: number 1/,
    ],
  ])('finds %s', (_, entries, files, problem) => {
    expect(checkMigrations(makeFolder(entries, files))).toEqual([
      expect.stringMatching(problem),
    ])
  })
})

describe('migrate', () => {
  const databases: TestDatabase[] = []
  afterEach(async () => {
    await Promise.all(databases.splice(0).map(database => database.drop()))
  })

  it('builds the order of names anew where ICU has become another', async () => {
    const database = await createTestDatabase({ empty: true })
    databases.push(database)
    const client = new pg.Client(database.url)
    await client.connect()
    try {
      await client.query(`create collation natural_order (provider = icu, locale = 'und-u-kn-true', version = '1')`)
      await migrate(database.url, dataSteps)
      const { rows: [state] } = await client.query(`select collversion = pg_collation_actual_version(oid) as current from pg_collation where collname = 'natural_order'`)
      expect(state).toEqual({ current: true })
      const nodes = () => client.query<{ relname: string, relfilenode: number }>(`select relname, relfilenode from pg_class where relname in ('items_listing_name_index', 'items_search_index') order by 1`)
      const before = await nodes()
      expect(before.rows).toHaveLength(2)
      await migrate(database.url, dataSteps)
      expect((await nodes()).rows).toEqual(before.rows)
    }
    finally {
      await client.end()
    }
  })

  it('says in words what PostgreSQL lacks', async () => {
    const database = await createTestDatabase({ empty: true })
    databases.push(database)
    const client = new pg.Client(database.url)
    await client.connect()
    const failing = async (statement: string) => client.query(statement).catch(error => explainMissing(error, statement))
    try {
      await expect(failing('create extension there_is_none /* pg_trgm */')).rejects.toThrow(/no extension pg_trgm.*contrib/)
      await expect(failing('create extension there_is_none')).rejects.toThrow(/there_is_none/)
      await expect(failing('select nothing /* extension pg_trgm */')).rejects.toThrow(/nothing/)
    }
    finally {
      await client.end()
    }
  })

  it('lets migrators that start together on a fresh database all succeed, each migration applied once', async () => {
    const database = await createTestDatabase({ empty: true })
    databases.push(database)
    await Promise.all(Array.from({ length: 4 }, () => migrate(database.url, dataSteps)))

    const { entries } = JSON.parse(readFileSync(join(migrations, 'meta/_journal.json'), 'utf8')) as { entries: { when: number }[] }
    const client = new pg.Client(database.url)
    await client.connect()
    try {
      const { rows } = await client.query('select created_at from drizzle.__drizzle_migrations order by id')
      expect(rows.map(row => Number(row.created_at))).toEqual(entries.map(entry => entry.when))
      expect(await schemaState(client)).toBe('current')
    }
    finally {
      await client.end()
    }
  })

  it('changes nothing the second time', async () => {
    const database = await createTestDatabase()
    databases.push(database)
    const client = new pg.Client(database.url)
    await client.connect()
    try {
      const count = async () => (await client.query('select count(*)::int as count from drizzle.__drizzle_migrations')).rows[0]
      const before = await count()
      await migrate(database.url, dataSteps)
      expect(await count()).toEqual(before)
    }
    finally {
      await client.end()
    }
  })

  it('writes down that what was stored before there was a choice is in the local folder', async () => {
    for (const [stored, home] of [
      [true, 'local'],
      [false, null],
    ] as const) {
      const database = await createTestDatabase({ empty: true })
      databases.push(database)
      const client = new pg.Client(database.url)
      await client.connect()
      try {
        const { entries: [initial] } = JSON.parse(readFileSync(join(migrations, 'meta/_journal.json'), 'utf8')) as { entries: { when: number, tag: string }[] }
        await client.query(readFileSync(join(migrations, `${initial!.tag}.sql`), 'utf8'))
        await client.query(`create schema drizzle; create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`)
        await client.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', ['initial', initial!.when])
        await client.query('insert into instance default values')
        if (stored) {
          await client.query(`insert into workspaces (id, name, slug, created_at) values (gen_random_uuid(), 'W', 'w', now())`)
          await client.query(`insert into objects (key, workspace_id, state, created_at, touched_at) select 'k', id, 'committed', now(), now() from workspaces`)
        }
        await migrate(database.url, dataSteps)
        expect((await client.query('select storage from instance')).rows).toEqual([
          { storage: home },
        ])
      }
      finally {
        await client.end()
      }
    }
  })
})
