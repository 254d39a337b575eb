import { readFileSync } from 'node:fs'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../test/database.ts'
import { dataSteps } from '../data-steps.ts'
import { ExitError } from '../errors/exit-error.ts'
import { migrate, pendingMigrations, requireCurrentSchema } from './migrate.ts'

const { entries } = JSON.parse(readFileSync(new URL('../../../migrations/meta/_journal.json', import.meta.url), 'utf8')) as { entries: { tag: string }[] }

it('lists what it would apply, and leaves alone what a newer version made, whoever comes first', async () => {
  const database = await createTestDatabase({ empty: true })
  onTestFinished(() => database.drop())
  const client = new pg.Client(database.url)
  await client.connect()
  onTestFinished(() => client.end())
  const tags = entries.map(({ tag }) => tag)

  expect(await pendingMigrations(database.url)).toEqual(tags)
  expect((await client.query(`select to_regclass('drizzle.__drizzle_migrations') as made`)).rows).toEqual([
    { made: null },
  ])
  await migrate(database.url, dataSteps, {
    until: tags.at(-2),
  })
  expect(await pendingMigrations(database.url)).toEqual(tags.slice(-1))
  await migrate(database.url, dataSteps)
  expect(await pendingMigrations(database.url)).toEqual([])

  await client.query(`insert into drizzle.__drizzle_migrations (hash, created_at) values ('of a newer version', 9999999999999)`)
  for (const meet of [
    () => migrate(database.url, dataSteps),
    () => pendingMigrations(database.url),
    () => requireCurrentSchema(database.url),
  ]) {
    const error = await meet().then(() => undefined, (reason: unknown) => reason) as ExitError
    expect(error).toBeInstanceOf(ExitError)
    expect([error.exitCode, error.message]).toEqual([78, 'The database was migrated by a newer version of ClientShare. Start that version, or restore a backup.'])
  }
})
