import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import de from './locales/de.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }

const server = join(import.meta.dirname, '../../../../server/src')

it.each([
  ['English', en],
  ['German', de],
])('each mail of the server has a name in %s', (_language, { kinds }) => {
  const names = globSync('features/*/*.mails.ts', { cwd: server }).flatMap(file => [
    ...readFileSync(join(server, file), 'utf8').matchAll(/^ {2}name: '([\w.-]+)'/gm),
  ].map(([, name]) => name!))
  expect(names.length).toBeGreaterThan(15)
  const named = Object.entries(kinds).flatMap(([feature, mails]) => Object.keys(mails).map(mail => `${feature}.${mail}`))
  expect(named.toSorted()).toEqual(names.toSorted())
})
