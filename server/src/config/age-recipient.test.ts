import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { expect, it } from 'vitest'
import { isRecipient } from './age-recipient.ts'
import { recipientProblem } from './backups.ts'

it('a public key is known by its checksum, whoever made it', async () => {
  const keys = [
    // Of age-keygen 1.1.1.
    'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
    await identityToRecipient(await generateX25519Identity()),
    await identityToRecipient(await generateHybridIdentity()),
  ]
  for (const key of keys) {
    expect(isRecipient(key)).toBe(true)
    for (const at of [
      6,
      Math.floor(key.length / 2),
      key.length - 1,
    ]) {
      const slip = key[at] === 'q'
        ? 'p'
        : 'q'
      expect(isRecipient(key.slice(0, at) + slip + key.slice(at + 1))).toBe(false)
    }
    expect(isRecipient(key.slice(0, -1))).toBe(false)
    expect(isRecipient(key.toUpperCase())).toBe(false)
  }
  expect(recipientProblem(keys.join(', '))).toBeUndefined()
  expect(recipientProblem(`${keys[0]} age1x`)).toMatch(/^must be public keys of age \(age1…\): number 2 is none/)
  expect(recipientProblem(', ')).toMatch(/^is empty/)
})

it('a secret key in its place is refused, and not shown', async () => {
  const identity = await generateX25519Identity()
  const problem = recipientProblem(identity)
  expect(problem).toMatch(/^has a secret key: it wants the public one/)
  expect(problem).not.toContain(identity.slice(20, 30))
})
