import { expect, it } from 'vitest'
import { issuerOf, issuerProblem, mappedRole, nameOf, ownPath, provedEmail } from './oidc.policy.ts'

const told = (claims: Record<string, unknown>) => ({
  subject: 'one',
  sid: null,
  authAt: null,
  claims,
})

it.each<[unknown, unknown, string | undefined]>([
  ['ana@harbour.example', true, 'ana@harbour.example'],
  ['Ana@HARBOUR.example', true, 'Ana@HARBOUR.example'],
  ['ana@bücher.example', true, 'ana@bücher.example'],
  ['ana@harbour.example', 'true', undefined],
  ['ana@harbour.example', undefined, undefined],
  ['ana@evil.example', true, undefined],
  ['ana@sub.harbour.example', true, undefined],
  ['ana@harbour.example.evil.example', true, undefined],
  ['ana@evil.example@harbour.example', true, undefined],
  ['ana@harbour.example\n', true, undefined],
  ['\u202Eana@harbour.example', true, undefined],
  ['ⓐna@harbour.example', true, undefined],
  [
    ['ana@harbour.example'],
    true,
    undefined,
  ],
  [undefined, true, undefined],
  [`${'a'.repeat(250)}@harbour.example`, true, undefined],
])('takes an address that a provider vouches for, of a listed domain: %j, %j', (email, isVerified, proved) => {
  expect(provedEmail({
    trustedDomains: ['harbour.example', 'xn--bcher-kva.example'],
  }, told({ email, email_verified: isVerified }))).toBe(proved)
})

it('finds a role in whatever form it comes, and the most of several', () => {
  const roleMap = [
    { value: 'boss', role: 'admin' as const },
    { value: 'crew', role: 'staff' as const },
  ]
  const role = (roleClaim: string, claims: Record<string, unknown>) => mappedRole({ roleClaim, roleMap }, told(claims))
  expect(role('role', { role: 'crew' })).toBe('staff')
  expect(role('role', {
    role: ['crew', 'boss'],
  })).toBe('admin')
  expect(role('realm_access.roles', {
    realm_access: {
      roles: ['boss'],
    },
  })).toBe('admin')
  expect(role('https://x.example/roles', {
    'https://x.example/roles': ['crew'],
  })).toBe('staff')
  expect(role('role', { role: 'owner' })).toBeUndefined()
  expect(role('role.constructor.name', { role: 'crew' })).toBeUndefined()
  expect(mappedRole({ roleClaim: null, roleMap }, told({ role: 'boss' }))).toBeUndefined()
})

it('calls newcomers by a name that can be shown', () => {
  const name = (claims: Record<string, unknown>) => nameOf(told(claims), 'ana@harbour.example')
  expect(name({ name: '\u202EAna\nAnders' })).toBe('Ana Anders')
  expect(name({ given_name: 'Ana', family_name: 'Anders' })).toBe('Ana Anders')
  expect(name({ name: '\u200B', preferred_username: 'ana1' })).toBe('ana1')
  expect(name({ name: 7 })).toBe('ana')
  expect(name({
    name: '😀'.repeat(200),
  })).toBe('😀'.repeat(60))
})

it.each([
  ['/w/harbour?folder=1#top', '/w/harbour?folder=1#top'],
  [undefined, '/'],
  ['', '/'],
  ['w', '/'],
  ['/\t/evil.example', '/'],
  ['/\n/evil.example', '/'],
  ['/..//evil.example', '/'],
  ['/%2e%2e//evil.example', '/'],
  ['/api', '/'],
])('goes on to our own pages alone: %j', (next, path) => {
  expect(ownPath(next)).toBe(path)
})

it('takes the address of a provider, or of its description', () => {
  expect(issuerOf(' https://id.example/realms/a/.well-known/openid-configuration ')).toBe('https://id.example/realms/a')
  expect(issuerProblem('https://id.example/realms/a')).toBeUndefined()
  for (const wrong of [
    'id.example',
    'javascript:alert(1)',
    'https://a:b@id.example',
    'https://id.example?x',
    'https://id.example#x',
    'https://id.example/.well-known/oauth-authorization-server',
  ]) expect(issuerProblem(wrong)).toBeDefined()
})
