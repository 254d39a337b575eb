import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError, defineError } from './app-error.ts'
import { notFound } from './common-errors.ts'
import { errorCodes } from './error-codes.ts'

const src = join(import.meta.dirname, '..')
const DEFINITION = join('errors', 'app-error.ts')
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map(path => ({
    path,
    text: readFileSync(join(src, path), 'utf8'),
  }))
describe('error codes', () => {
  it('are defined once each, and all that are listed are used', () => {
    const defined = sources.filter(({ path }) => path !== DEFINITION).flatMap(({ text }) => [
      ...text.matchAll(/defineError\('([^']+)'/g),
    ].map(([, code]) => code!))
    expect(defined.length).toBeGreaterThan(50)
    expect(defined.sort()).toEqual([...errorCodes].sort())
  })

  it('are the only way to an AppError', () => {
    expect(sources.filter(({ path, text }) => path !== DEFINITION && text.includes('new AppError('))).toEqual([])
  })

  it('are lower-case words, and refused a second time', () => {
    expect(errorCodes.filter(code => !/^[a-z_]+(?:\.[a-z_]+)?$/.test(code))).toEqual([])
    expect(() => defineError('not_found', 410, 'Gone')).toThrow('already')
    // @ts-expect-error not in the list
    expect(defineError('test.unlisted', 400, 'x').code).toBe('test.unlisted')
  })

  it('may have another status where somebody else is at fault', () => {
    const gone = notFound.as(410, 'Gone')
    expect(gone('x')).toBeInstanceOf(AppError)
    expect(gone('x')).toMatchObject({
      code: 'not_found',
      status: 410,
      title: 'Gone',
      detail: 'x',
    })
    expect(notFound.as(500)({ retryAfter: 3 })).toMatchObject({
      code: 'not_found',
      status: 500,
      title: 'Not found',
      retryAfter: 3,
    })
    expect(notFound()).toMatchObject({ status: 404 })
  })
})
