import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'

interface Entry { idx: number, when: number, tag: string }

const hashesOf = (folder: string) => join(folder, 'meta/_hashes.json')

function readHashes(folder: string): Record<string, string> {
  return existsSync(hashesOf(folder))
    ? JSON.parse(readFileSync(hashesOf(folder), 'utf8')) as Record<string, string>
    : {}
}

const hashOf = (folder: string, tag: string) => createHash('sha256').update(readFileSync(join(folder, `${tag}.sql`))).digest('hex')

/**
 * Everything wrong with a folder of drizzle migrations, one line each. The migrator skips, without a word, a migration whose time is
 * not later than the last applied one, and knows only what the journal lists. Migrations are append-only: `meta/_hashes.json` has the SHA-256 of
 * each, and one that was changed where it had been applied would make two databases of one version differ.
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
    ...findChanged(folder, files),
  ]
}

function findChanged(folder: string, files: string[]): string[] {
  const hashes = readHashes(folder)
  return [
    ...files.filter(tag => hashes[tag] === undefined).map(tag => `${tag}: without a hash in meta/_hashes.json. Run: node scripts/check-migrations.ts --write`),
    ...files.filter(tag => hashes[tag] !== undefined && hashes[tag] !== hashOf(folder, tag)).map(tag => `${tag}: changed since its hash was written. Migrations are append-only: write another one.`),
    ...Object.keys(hashes).filter(tag => !files.includes(tag)).map(tag => `${tag}: has a hash in meta/_hashes.json, but ${tag}.sql is gone.`),
  ]
}

/** Notes the hashes of new migrations; never of one that has one. One that was made again after a merge: delete its line first. */
export function writeHashes(folder: string): void {
  const hashes = readHashes(folder)
  const files = readdirSync(folder).filter(name => name.endsWith('.sql')).map(name => name.slice(0, -4)).sort()
  writeFileSync(hashesOf(folder), `${JSON.stringify({
    ...Object.fromEntries(files.map(tag => [
      tag,
      hashOf(folder, tag),
    ])),
    ...hashes,
  }, null, 2)}\n`)
}

if (import.meta.main) {
  const folder = resolve(import.meta.dirname, '../migrations')
  if (process.argv.includes('--write')) writeHashes(folder)
  const problems = checkMigrations(folder)
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0
    ? 1
    : 0
}
