import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const text = read('docs/security.md')
const rows = [
  ...text.matchAll(/^\| (\d+\.\d+\.\d+(?:, \d+\.\d+\.\d+)*) \|.*\|$/gm),
].map(([row, numbers]) => ({
  numbers: numbers!.split(', '),
  is: row.split(' | ')[1]!,
  tests: row.split(' | ').slice(3).join(' | '),
}))

/** How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has: numbered from 1 on, before those of level 3. */
const sections: Record<string, number> = {
  6.1: 3,
  6.2: 12,
  6.3: 4,
  6.4: 4,
  6.5: 5,
  6.6: 3,
  6.8: 4,
  7.1: 3,
  7.2: 4,
  7.3: 2,
  7.4: 5,
  7.5: 2,
  7.6: 2,
  9.1: 3,
  9.2: 4,
  10.1: 2,
  10.2: 2,
  10.3: 4,
  10.4: 11,
  10.5: 5,
  10.6: 2,
  10.7: 3,
}

it('docs/security.md answers each requirement of level 2 once', () => {
  const asked = Object.entries(sections).flatMap(([section, count]) => Array.from({ length: count }, (_, n) => `${section}.${n + 1}`))
  expect(rows.flatMap(({ numbers }) => numbers).sort()).toEqual(asked.sort())
  expect(rows.map(({ is }) => is).filter(is => !/^(?:met|in part|not met|does not apply|do not apply)\b/.test(is))).toEqual([])
})

it('docs/security.md names files that there are, and tests that have these names', () => {
  const paths = [
    ...text.matchAll(/`((?:server|web|docs|docker|scripts)\/[^`\s]+)`/g),
  ].map(([, path]) => path!)
  expect(paths.length).toBeGreaterThan(50)
  expect(paths.filter(path => !existsSync(join(root, path)))).toEqual([])

  const named = rows.flatMap(({ tests }) => {
    let file = ''
    return [
      ...tests.matchAll(/`([^`]+)`|“([^”]+)”/g),
    ].flatMap(([, path, name]) => {
      if (path) file = path
      return name
        ? [
            { file, name },
          ]
        : []
    })
  })
  expect(named.length).toBeGreaterThan(50)
  // As the code has it: the title of a test, or of one of those that one title makes.
  expect(named.filter(({ file, name }) => !read(file).includes(`'${name}'`))).toEqual([])
})
