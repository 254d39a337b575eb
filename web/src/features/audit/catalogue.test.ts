import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { problemIcons } from '../../components/problem-icons.ts'
import { hiddenDetails } from './event-facts.ts'
import { eventIcons, eventKinds } from './event-words.ts'

interface Named { enum: string[] }
interface Api {
  components: {
    schemas: {
      AuditEvent: { properties: { action: Named, details: { propertyNames: Named } } }
      Problem: { properties: { code: Named } }
    }
  }
}

const src = join(import.meta.dirname, '../..')
const { components: { schemas } } = JSON.parse(readFileSync(join(src, '../../docs/api/openapi.json'), 'utf8')) as Api
const actions = schemas.AuditEvent.properties.action.enum
const details = schemas.AuditEvent.properties.details.propertyNames.enum
const codes = schemas.Problem.properties.code.enum
const lucide = createRequire(import.meta.url)('@iconify-json/lucide/icons.json') as { icons: object, aliases?: object }
const isIcon = (name = '') => name.startsWith('i-lucide-') && [lucide.icons, lucide.aliases ?? {}].some(set => Object.hasOwn(set, name.slice('i-lucide-'.length)))

interface Words { [key: string]: Words | string | undefined }
const wordsOf = (path: string) => JSON.parse(readFileSync(join(src, path), 'utf8')) as Words
const at = (words: Words, path: string) => path.split('.').reduce<Words | string | undefined>((found, key) => typeof found === 'object'
  ? found[key]
  : undefined, words)
const locales = readdirSync(join(src, 'locales'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name)

describe('what the server can say', () => {
  it('is read at all', () => {
    expect([
      actions.length > 40,
      codes.length > 50,
      details.length > 40,
      locales.length > 1,
    ]).toEqual([true, true, true, true])
  })

  it('has an icon for each action and each error, and those only', () => {
    expect(actions.filter(action => !isIcon((eventIcons as Record<string, string>)[action]))).toEqual([])
    expect(Object.keys(eventIcons).filter(action => !actions.includes(action))).toEqual([])
    expect(codes.filter(code => !isIcon((problemIcons as Record<string, string>)[code]))).toEqual([])
    expect(Object.keys(problemIcons).filter(code => !codes.includes(code))).toEqual([])
  })

  it('has each family of actions in one filter', () => {
    const families = [
      ...new Set(actions.map(action => `${action.split('.')[0]}.*`)),
    ].sort()
    expect(Object.values(eventKinds).flat().toSorted()).toEqual(families)
  })

  it.each(locales)('has a sentence for each action, a label for each detail and a title for each error in %s', (locale) => {
    const activity = wordsOf(`features/audit/locales/${locale}.json`)
    const problems = wordsOf(`locales/${locale}/problems.json`)
    const sentenceFor = (action: string) => {
      const [family, verb] = action.split('.') as [string, string]
      const sentences = (at(activity, `events.${family}`) ?? {}) as Words
      return Object.entries(sentences).some(([key, text]) => (key === verb || key.startsWith(`${verb}_`)) && /\{(?:actor|subject)\}/.test(String(text)))
    }
    expect(actions.filter(action => !sentenceFor(action))).toEqual([])
    expect(details.filter(name => !hiddenDetails.has(name) && !at(activity, `details.${name}`))).toEqual([])
    expect(codes.filter(code => !at(problems, `${code}.title`))).toEqual([])
  })
})
