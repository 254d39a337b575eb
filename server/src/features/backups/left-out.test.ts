import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { useTestApp } from '../../../test/test-app.ts'
import { LEFT_OUT } from './backup.service.ts'

it('leaves out what leads to something that is left out, or it could not be restored', async () => {
  const { deps } = await useTestApp()
  const { rows } = await deps.db.execute<{ from: string, to: string }>(sql`select distinct conrelid::regclass::text as "from", confrelid::regclass::text as "to" from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`)
  expect(rows.length).toBeGreaterThan(20)
  expect(rows.filter(({ from, to }) => LEFT_OUT.has(to) && !LEFT_OUT.has(from))).toEqual([])
})
