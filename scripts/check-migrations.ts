import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'

interface Entry { idx: number, when: number, tag: string }

/**
 * Everything wrong with a folder of drizzle migrations, one line each. drizzle skips, without a word, a migration whose time is
 * not later than the last applied one, and knows only what the journal lists.
 */
export function checkMigrations(folder: string): string[] {
  const { entries } = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as { entries: Entry[] }
  const files = readdirSync(folder).filter(name => name.endsWith('.sql')).map(name => name.slice(0, -4))
  const tags = new Set(entries.map(entry => entry.tag))
  const before = (index: number) => entries[index - 1]
  return [
    ...entries.flatMap(({ idx, tag }, index) => idx === index
      ? []
      : [`${tag}: number ${idx} in the journal stands at place ${index}.`]),
    ...entries.flatMap(({ when, tag }, index) => before(index) === undefined || when > before(index)!.when
      ? []
      : [`${tag}: its time ${when} is not later than that of ${before(index)!.tag}, so drizzle would skip it.`]),
    ...entries.filter(({ tag }) => !files.includes(tag)).map(({ tag }) => `${tag}: listed in the journal, but ${tag}.sql is missing.`),
    ...files.filter(tag => !tags.has(tag)).map(tag => `${tag}.sql: not listed in the journal, so it would never be applied.`),
  ]
}

if (import.meta.main) {
  const problems = checkMigrations(resolve(import.meta.dirname, '../migrations'))
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0
    ? 1
    : 0
}
