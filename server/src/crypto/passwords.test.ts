import { expect, it, vi } from 'vitest'
import { hashPassword, verifyPassword } from './passwords.ts'

it('costs as much as is recommended', async () => {
  vi.resetModules()
  const asRunning = await import('./passwords.ts')
  expect(await asRunning.hashPassword('a barge under the bridge')).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$/)
})

it('knows the password again, however it was typed and whatever the hash cost', async () => {
  const hash = await hashPassword('Zoe\u0308 sails at noon')
  expect(await verifyPassword(hash, 'Zo\u00EB sails at noon')).toBe(true)
  expect(await verifyPassword(hash, 'Zoe sails at noon')).toBe(false)
  // Made by another implementation, with other parameters.
  expect(await verifyPassword('$argon2id$v=19$m=64,t=3,p=2$c29tZXNhbHRzb21lc2FsdA$Nslh/MZXkiSwZ8zA8yYvNGbRscBANFPstxEgzNUlWU8', 'correct horse battery staple')).toBe(true)
})

it('lets no more wait than are answered while somebody waits for it', async () => {
  const answers = await Promise.allSettled(Array.from({ length: 40 }, () => verifyPassword(null, 'a guess')))
  const refused = answers.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(8)
  expect(refused[0]).toMatchObject({
    reason: { code: 'service.unavailable', status: 503, retryAfter: 5 },
  })
  // Who comes after is looked at again.
  expect(await verifyPassword(null, 'a guess')).toBe(false)
})

it('says no without a hash, or with what is none', async () => {
  for (const none of [
    null,
    undefined,
    '',
    'x',
    '$argon2id$v=19$m=64,t=1,p=1$$',
  ]) expect(await verifyPassword(none, '')).toBe(false)
})
