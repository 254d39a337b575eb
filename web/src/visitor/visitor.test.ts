import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('has a style sheet made from files that there are', () => {
  const sources = [
    ...readFileSync(join(import.meta.dirname, 'visitor.css'), 'utf8').matchAll(/@source "([^"]+)"/g),
  ].map(([, source]) => source!)
  expect(sources.length).toBeGreaterThan(5)
  // A folder is read whole; a pattern finds files only.
  const isThere = (source: string) => existsSync(join(import.meta.dirname, source))
    || globSync(source, { cwd: import.meta.dirname }).some(path => /\.(?:vue|ts)$/.test(path))
  expect(sources.filter(source => !isThere(source))).toEqual([])
})
