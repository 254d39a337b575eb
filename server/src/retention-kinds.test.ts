import { readdirSync, readFileSync } from 'node:fs'
import { getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { factLanguages } from './facts/live-fact.ts'
import { retentionKinds } from './retention-kinds.ts'
import { defineRetention, isSettable } from './retention/define-retention.ts'

const here = new URL('.', import.meta.url)
const files = readdirSync(here, { recursive: true }).map(String).filter(path => !path.endsWith('.test.ts'))
const load = async (path: string) => Object.entries(await import(new URL(path, here).href) as Record<string, unknown>)
/** By the name that the code has for it. */
const tables = new Map<string, string>()
for (const path of files.filter(name => name.endsWith('.table.ts'))) {
  for (const [name, value] of await load(path)) {
    if (is(value, PgTable)) tables.set(name, getTableName(value))
  }
}

describe('the kinds of data that are deleted by their age', () => {
  it('are all in the list, each once', async () => {
    const defined: unknown[] = []
    for (const path of files.filter(name => name.endsWith('.retention.ts'))) defined.push(...(await load(path)).map(([, kind]) => kind))
    expect(defined.length).toBeGreaterThan(20)
    expect(new Set(retentionKinds)).toEqual(new Set(defined))
    expect(new Set(retentionKinds.map(({ name }) => name)).size).toBe(defined.length)
  })

  it('say in each language what they are, and name tables that there are', () => {
    const names = [
      ...tables.values(),
    ]
    expect(names.length).toBeGreaterThan(40)
    for (const kind of retentionKinds) {
      expect(kind.tables.filter(name => !names.includes(name)), kind.name).toEqual([])
      for (const words of isSettable(kind)
        ? [kind.what, kind.since]
        : [kind.what, kind.since, kind.why]) {
        expect(Object.keys(words).sort(), kind.name).toEqual([...factLanguages].sort())
        // They stand in a table, and within sentences.
        for (const text of Object.values(words)) expect(text, kind.name).toMatch(/^[^|\n]{4,}$/)
      }
    }
  })

  it('are each deleted by one thing: the night, the hour, or work of their own', async () => {
    const jobs: string[] = []
    for (const path of files.filter(name => /\/(?:objects|items)\.[a-z.]+\.ts$|objects\.jobs\.ts$/.test(name))) {
      jobs.push(...[
        ...readFileSync(new URL(path, here), 'utf8').matchAll(/name: '([a-z]+\.[a-z-]+)'/g),
      ].map(([, name]) => name!))
    }
    for (const kind of retentionKinds) {
      if (isSettable(kind) || kind.keeps === 'for-ever') continue
      expect([kind.purge, kind.job].filter(Boolean), kind.name).toHaveLength(1)
      if (kind.job) expect(jobs).toContain(kind.job)
    }
  })

  it('are all that queries delete by a time', () => {
    const known = new Set(retentionKinds.flatMap(kind => kind.tables))
    const found: string[] = []
    for (const path of files.filter(name => name.endsWith('.queries.ts'))) {
      const text = readFileSync(new URL(path, here), 'utf8')
      // A statement is what stands in one paragraph.
      for (const part of text.split('\n\n').filter(each => /\blte?\(/.test(each))) {
        for (const [, batch, name = batch] of part.matchAll(/deleteBatch\(\w+, (\w+)|\.delete\((\w+)\)/g)) {
          if (tables.has(name!)) found.push(`${path}: ${tables.get(name!)}`)
        }
      }
    }
    expect(found.length).toBeGreaterThan(15)
    expect(found.filter(each => !known.has(each.split(': ')[1]!))).toEqual([])
  })

  it('are refused by a name that is none, and days that nobody may set', () => {
    const words = {
      en: 'Words',
      de: 'Wörter',
      fr: 'Mots',
      es: 'Palabras',
    }
    const kind = {
      name: 'kind',
      tables: [],
      what: words,
      since: words,
      purge: async () => false,
    }
    const days = {
      default: 30,
      minimum: 1,
      maximum: 90,
      mayBeForEver: false,
    }
    expect(() => defineRetention({ ...kind, days })).not.toThrow()
    expect(() => defineRetention({ ...kind, days, name: 'A kind' })).toThrow(/no name/)
    for (const wrong of [
      { default: 0 },
      { default: 91 },
      { default: null },
      { minimum: 0 },
    ]) {
      expect(() => defineRetention({
        ...kind,
        days: {
          ...days,
          ...wrong,
        },
      })).toThrow(/by default/)
    }
  })
})
