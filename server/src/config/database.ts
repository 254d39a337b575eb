import { Type } from 'typebox'
import { defineFragment, setting } from './fragment.ts'

const WRITE = 'Write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23 and % as %25 in user and password'

/**
 * What keeps programs from reading the address, or lets them read it differently: never a part of it, for it may be of the password. An `@` or `/`
 * in the password moves the place where the host begins.
 */
function problemOf(url: string): string | undefined {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/s.exec(url) ?? []
  if (rest === undefined) return 'must begin with postgres://'
  const [authority = ''] = /^[^/?#]*/.exec(rest) ?? []
  const behind = rest.slice(authority.length)
  const [path = ''] = behind.split('?')
  const isCut = path.includes('@') || (!authority.includes('@') && behind.includes('@') && !/^[^:]*(?::\d*)?$/.test(authority))
  const ats = authority.split('@').length - 1
  if (isCut || ats > 1 || /%(?![0-9a-f]{2})/i.test(authority)) return `has a character in the password, or in the user, that must be percent-encoded. ${WRITE}`
  return URL.canParse(url)
    ? undefined
    : 'is no address that can be read'
}

export const databaseSettings = defineFragment({
  settings: {
    databaseUrl: Type.String({
      ...setting('DATABASE_URL', 'PostgreSQL 15 or newer: postgres://user:password@host/name', true, problemOf),
      pattern: '^postgres(ql)?://',
      default: '',
    }),
    databasePoolSize: Type.Integer({
      ...setting('DATABASE_POOL_SIZE', 'Connections this process may hold'),
      minimum: 2,
      maximum: 200,
      default: 16,
    }),
  },
})
