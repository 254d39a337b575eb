import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('has a style sheet made from files that there are', () => {
  const sources = [
    ...readFileSync(join(import.meta.dirname, 'visitor.css'), 'utf8').matchAll(/@source "([^"]+)"/g),
  ].map(([, source]) => source!)
  expect(sources.length).toBeGreaterThan(5)
  expect(sources.filter(source => globSync(source, { cwd: import.meta.dirname }).length === 0)).toEqual([])
})
