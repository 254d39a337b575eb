import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { configDocs } from '../../../scripts/config-docs.ts'

it.each(Object.entries(configDocs))('%s says what the settings are (node scripts/config-docs.ts)', (path, render) => {
  expect(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')).toBe(render())
})
