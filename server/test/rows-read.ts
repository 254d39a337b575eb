import type { Db } from '../src/db/database.ts'
import type { TestApp } from './test-app.ts'
import pg from 'pg'
import { expect } from 'vitest'
import { onConnection } from '../src/db/database.ts'

interface Plan { 'Node Type': string, 'Actual Rows': number, 'Rows Removed by Filter'?: number, 'Relation Name'?: string, 'Plans'?: Plan[] }

/** Rows of the tables that PostgreSQL looks at for what is asked of `db`. */
export async function rowsRead({ config }: Pick<TestApp, 'config'>, tables: readonly string[], ask: (db: Db) => PromiseLike<unknown>): Promise<number> {
  const client = new pg.Client(config.databaseUrl)
  await client.connect()
  const count = (plan: Plan): number => (tables.includes(plan['Relation Name'] ?? '')
    ? plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)
    : 0) + (plan.Plans ?? []).map(count).reduce((a, b) => a + b, 0)
  const counts: number[] = []
  const explaining = Object.create(client, {
    query: {
      async value(config: { text: string }, values: unknown[]) {
        const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`explain (analyze, format json) ${config.text}`, values)
        counts.push(count(rows[0]!['QUERY PLAN'][0].Plan))
        return client.query(config, values)
      },
    },
  }) as pg.Client
  await ask(onConnection(explaining))
  await client.end()
  expect(counts.length).toBeGreaterThan(0)
  return counts.reduce((a, b) => a + b, 0)
}
