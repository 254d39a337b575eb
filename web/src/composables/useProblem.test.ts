import type { ProblemText } from './useProblem.ts'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createSSRApp } from 'vue'
import { createI18n } from 'vue-i18n'
import { renderToString } from 'vue/server-renderer'
import { ProblemError } from '../api/problem.ts'
import failuresDe from '../locales/de/failures.json' with { type: 'json' }
import problemsDe from '../locales/de/problems.json' with { type: 'json' }
import failuresEn from '../locales/en/failures.json' with { type: 'json' }
import problemsEn from '../locales/en/problems.json' with { type: 'json' }
import { useProblem } from './useProblem.ts'

const root = join(import.meta.dirname, '../../..')
const codes: string[] = JSON.parse(readFileSync(join(root, 'docs/api/openapi.json'), 'utf8')).components.schemas.Problem.properties.code.enum
/** What the server gives each code by. */
const statuses = new Map(globSync('server/src/**/*.ts', { cwd: root }).flatMap(file => [
  ...readFileSync(join(root, file), 'utf8').matchAll(/defineError\(\s*'([\w.]+)',\s*(\d+)/g),
].map(([, code, status]) => [
  code!,
  Number(status),
])))

const messages = {
  en: { problems: problemsEn, failures: failuresEn },
  de: { problems: problemsDe, failures: failuresDe },
}

async function describeIn(locale: 'en' | 'de'): Promise<(error: unknown) => ProblemText> {
  let found: ReturnType<typeof useProblem>
  await renderToString(createSSRApp({
    setup() {
      found = useProblem()
      return () => ''
    },
  }).use(createI18n({
    legacy: false,
    locale,
    fallbackLocale: 'en',
    messages,
  })))
  return found!
}

/** As the server answers, with a sentence of its own or without. */
const problemOf = (code: string, detail?: string) => new ProblemError({
  type: 'about:blank',
  title: 'The server’s own title',
  status: statuses.get(code)!,
  detail,
  code,
  errors: [],
  retryAfter: 30,
})

describe('the words for a problem', () => {
  it('are asked for by the status that the server gives', () => {
    expect(codes.length).toBeGreaterThan(90)
    expect(codes.filter(code => !statuses.has(code))).toEqual([])
  })

  it.each(['en', 'de'] as const)('say in %s what happened, and why or what to do, for each code of the server', async (locale) => {
    const describeProblem = await describeIn(locale)
    const told = codes.map(code => ({
      code,
      ...describeProblem(problemOf(code)),
    }))
    const wordsOf = ({ title, why, help }: ProblemText) => [title, why, help].filter(words => words !== undefined)
    expect(told.filter(({ title }) => title === 'The server’s own title').map(({ code }) => code)).toEqual([])
    expect(told.filter(text => wordsOf(text).length < 2).map(({ code }) => code)).toEqual([])
    expect(told.filter(text => wordsOf(text).some(words => words.trim() === '' || /[{}@|]|\b(?:problems|failures)\./.test(words) || words.includes(text.code))).map(({ code }) => code)).toEqual([])
  })

  it('are never the server’s English for who reads German', async () => {
    const said = 'Something that only English says'
    const [english, german] = [await describeIn('en'), await describeIn('de')]
    expect(codes.filter(code => Object.values(german(problemOf(code, said))).includes(said))).toEqual([])
    // For who reads English it is better than no reason.
    expect(english(problemOf('conflict', said)).why).toBe(said)
  })
})
