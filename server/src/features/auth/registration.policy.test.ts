import { expect, it } from 'vitest'
import { domainKey, invitationMakesAccounts, mayRegister, registrationModes, takesRegistrations } from './registration.policy.ts'

const rule = (registration: typeof registrationModes[number], ...registrationDomains: string[]) => ({ registration, registrationDomains })

it('lets people make accounts by themselves where it is open to all, or to the domain of their address', () => {
  expect(registrationModes.map(mode => [
    mode,
    takesRegistrations(rule(mode)),
    invitationMakesAccounts(rule(mode)),
  ])).toEqual([
    ['invitation', false, true],
    ['closed', false, false],
    ['domain', true, true],
    ['open', true, true],
  ])
  const domain = rule('domain', 'example.com', 'xn--exmple-cua.org')
  for (const [email, may] of [
    ['ana@example.com', true],
    ['ANA+x@EXAMPLE.com', true],
    ['ana@exämple.org', true],
    ['ana@sub.example.com', false],
    ['ana@notexample.com', false],
    ['ana@example.com.evil.net', false],
    ['ana@example.com@evil.net', false],
    ['ana@example.com/x', false],
    ['ana@', false],
  ] as const) {
    expect(mayRegister(domain, email), email).toBe(may)
    expect(mayRegister(rule('invitation', 'example.com'), email)).toBe(false)
    expect(mayRegister(rule('closed', 'example.com'), email)).toBe(false)
    expect(mayRegister(rule('open'), email)).toBe(true)
  }
})

it('knows a domain however it is written, and what is none', () => {
  expect([' @Example.COM ', 'exämple.org'].map(domainKey)).toEqual(['example.com', 'xn--exmple-cua.org'])
  for (const wrong of [
    '',
    'localhost',
    'a b.com',
    '*.example.com',
    'example.com/x',
    '-x.com',
    'ana@example.com',
  ]) expect(domainKey(wrong), wrong).toBeUndefined()
})
