import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { collectMessages } from './collect-messages.ts'

const src = join(import.meta.dirname, '..')

/** Every message of a language: `shell.theme.dark` → its text. */
function messagesOf(locale: string): Map<string, string> {
  const found = new Map<string, string>()
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'string') {
      found.set(path, value)
    }
    else {
      for (const [key, inner] of Object.entries(value as object)) walk(inner, `${path}.${key}`)
    }
  }
  for (const [namespace, words] of Object.entries(collectMessages(filesOf(locale)))) walk(words, namespace)
  return found
}

/** What the apps load of a language, staff's and visitors'. */
const filesOf = (locale: string) => Object.fromEntries([
  ...readdirSync(join(import.meta.dirname, locale)).map(file => `locales/${locale}/${file}`),
  ...readdirSync(join(src, 'features')).flatMap(feature => [`${locale}.json`, `visitor.${locale}.json`]
    .map(file => `features/${feature}/locales/${file}`)
    .filter(path => existsSync(join(src, path)))),
].map(path => [
  `/${path}`,
  JSON.parse(readFileSync(join(src, path), 'utf8')),
]))

const locales = readdirSync(import.meta.dirname, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name)
const en = messagesOf('en')

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(path => /\.(?:vue|ts)$/.test(path) && !/\.test\.ts$|\.d\.ts$|[/\\]generated[/\\]/.test(path))
  .map(path => ({
    path,
    text: readFileSync(join(src, path), 'utf8'),
  }))

/** Any quoted text that may be a key, and those surely asked for. */
const quoted = sources.flatMap(({ path, text }) => [
  ...text.matchAll(/(['"`])([a-z]\w*(?:\.\w+)+)\1/gi),
].map(match => ({ path, key: match[2]! })))
const called = sources.flatMap(({ path, text }) => [
  ...text.matchAll(/\bte?\(\s*(['"`])([^'"`$]+)\1/g),
].map(match => ({ path, key: match[2]! })))
/** `` `instance.setup.steps.${step}.title` `` may be any key that begins and ends so. */
const patterns = sources.flatMap(({ text }) => [
  ...text.matchAll(/`([a-z]\w*\.[^`\s]*\$\{[^`]*)`/gi),
].map(match =>
  new RegExp(`^${match[1]!.split(/\$\{[^}]*\}/).map(part => part.replaceAll('.', '\\.')).join('.+')}$`)))

describe('messages', () => {
  it('are all in files that an app loads', () => {
    const known = new RegExp(`^(?:locales/(?:${locales.join('|')})/\\w+|features/[^/]+/locales/(?:visitor\\.)?(?:${locales.join('|')}))\\.json$`)
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).map(path => path.replaceAll('\\', '/')).filter(path => path.endsWith('.json'))
    expect(files.length).toBeGreaterThan(30)
    expect(files.filter(path => !known.test(path))).toEqual([])
  })

  it.each(locales.filter(locale => locale !== 'en'))('%s says all that English says, with the same parts', (locale) => {
    const other = messagesOf(locale)
    expect([
      ...other.keys(),
    ].sort()).toEqual([
      ...en.keys(),
    ].sort())
    const partsOf = (text: string) => [
      ...new Set(text.match(/\{\w+\}/g)),
    ].sort()
    expect([...en].filter(([key, text]) => String(partsOf(text)) !== String(partsOf(other.get(key)!))).map(([key]) => key)).toEqual([])
  })

  it('has every key that the code asks for', () => {
    expect(called.length).toBeGreaterThan(20)
    // A key may also stand where something else will translate it: a route's title, a place's label, a shortcut's group.
    const named = sources.flatMap(({ path, text }) => [
      ...text.matchAll(/\b(?:title|label|group): '([a-z]\w*(?:\.\w+)+)'/gi),
    ].map(match => ({ path, key: match[1]! })))
    expect(named.length).toBeGreaterThan(5)
    expect([
      ...called,
      ...named,
    ].filter(({ key }) => !en.has(key))).toEqual([])
  })

  it('has no key that nothing asks for', () => {
    const used = new Set([
      ...called,
      ...quoted,
    ].map(({ key }) => key))
    expect([
      ...en.keys(),
    ].filter(key => !used.has(key) && !patterns.some(pattern => pattern.test(key)))).toEqual([])
  })

  it('has no text in templates', () => {
    const texts = sources.filter(({ path }) => path.endsWith('.vue')).flatMap(({ path, text }) => {
      const template = text.slice(text.indexOf('<template>'), text.lastIndexOf('</template>'))
      return [
        ...template.matchAll(/>([^<>{}]*)</g),
      ].filter(([, words]) => /\p{L}{2}/u.test(words!)).map(([, words]) => `${path}: ${words!.trim()}`)
    })
    expect(texts.filter(text => !/: (?:Client|Share)$/.test(text))).toEqual([])
  })
})
