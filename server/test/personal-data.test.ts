import { readdirSync } from 'node:fs'
import { is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { afterAll, expect, it } from 'vitest'
import { factLanguages } from '../src/facts/live-fact.ts'
import { createLiveFacts } from '../src/live-facts.ts'
import { notPersonal, personalData } from '../src/personal-data.ts'
import { dataCategories, dataRules } from '../src/personal-data/define-personal-data.ts'
import { retentionKinds } from '../src/retention-kinds.ts'
import { createUser } from './factories.ts'
import { createTestApp } from './test-app.ts'

const test = await createTestApp()
afterAll(() => test.close())
const src = new URL('../src/', import.meta.url)

/** Those that can hold words, addresses or bytes about somebody: no ids, numbers, times and codes of a list. */
async function freeColumns(): Promise<string[]> {
  const found: string[] = []
  for (const path of readdirSync(src, { recursive: true }).map(String).filter(name => name.endsWith('.table.ts'))) {
    for (const table of Object.values(await import(new URL(path, src).href) as Record<string, unknown>)) {
      if (!is(table, PgTable)) continue
      const { name, columns } = getTableConfig(table)
      found.push(...columns.filter(column => /text|json|bytea|inet|cidr|varchar|char/.test(column.getSQLType()) && !column.enumValues?.length).map(column => `${name}.${column.name}`))
    }
  }
  return found.sort()
}
const named = (columns: Record<string, readonly string[]>) => Object.entries(columns).flatMap(([table, names]) => names.map(name => `${table}.${name}`))

it('each column that can hold something about people is said to, or not to', async () => {
  const columns = await freeColumns()
  expect(columns.length).toBeGreaterThan(120)
  const said = [
    ...personalData.flatMap(each => named(each.columns)),
    ...named(notPersonal),
  ].sort()
  expect(said).toEqual(columns)
})

it('each of it has words in each language, a category, and something that ends it', () => {
  const ends = [
    ...retentionKinds.map(({ name }) => name),
    ...dataRules,
  ]
  expect(new Set(personalData.map(({ name }) => name)).size).toBe(personalData.length)
  for (const { name, category, what, why, ends: end } of personalData) {
    expect(dataCategories).toContain(category)
    expect([
      name,
      ends.includes(end),
    ]).toEqual([name, true])
    for (const words of [what, why]) {
      expect(Object.keys(words).sort()).toEqual([...factLanguages].sort())
      for (const text of Object.values(words)) expect(text).toMatch(/^[^|\n]{4,}$/)
    }
  }
})

it('is told by policy texts, with the days of this moment', async () => {
  const operator = await createUser(test, { isOperator: true })
  const fact = createLiveFacts(test.deps).get('personal-data')!
  const before = (await fact.read())!
  expect(JSON.parse(JSON.stringify(before))).toEqual(before)
  for (const language of factLanguages) {
    const lines = fact.words(before, language).split('\n').filter(line => line.startsWith('|'))
    expect(lines).toHaveLength(personalData.length + 2 * dataCategories.length)
    for (const line of lines) expect(line.match(/\|/g)).toHaveLength(4)
  }
  expect(fact.words(before, 'en')).toMatch(/\| Mails: [^|]+ \| [^|]+ \| 90 days \(from: the writing of the mail\) \|/)
  expect(fact.words(before, 'de')).toMatch(/\| Konto: [^|]+ \| [^|]+ \| Solange das Konto besteht \|/)
  await test.call('PATCH', '/admin/retention', {
    token: operator.token,
    body: { kind: 'mails', days: 20 },
  })
  expect(fact.words((await fact.read())!, 'en')).toContain('| 20 days (from: the writing of the mail) |')
})
