import { expect, it } from 'vitest'
import { hashRecoveryCode, newRecoveryCodes, RECOVERY_CODES } from './recovery-codes.ts'
import { newTotpSecret, totpStepOf, totpUri } from './totp.ts'

/** RFC 6238, appendix B: “12345678901234567890” in Base32; the last six of its eight digits. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const at = (seconds: number) => new Date(seconds * 1000)

it.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('takes the code of second %i, which the standard has', (seconds, code) => {
  expect(totpStepOf(SECRET, code, at(seconds))).toBe(Math.floor(seconds / 30))
})

it('takes the codes before and after as well, and tells of which step each is', () => {
  const step = 1111111109 / 30 | 0
  const seen = [-2, -1, 0, 1, 2].map(steps => totpStepOf(SECRET, '081804', at(step * 30 + 29 + steps * 30)))
  expect(seen).toEqual([undefined, step, step, step, undefined])
})

it('takes a code as it is pasted, and nothing else for one', () => {
  for (const code of ['287 082', ' 287082 ', '287-082']) expect(totpStepOf(SECRET, code, at(59))).toBe(1)
  for (const code of [
    '',
    '28708',
    '2870820',
    '２８７０８２',
    '28708a',
    '-287082e0',
  ]) expect(totpStepOf(SECRET, code, at(59))).toBeUndefined()
})

it('makes secrets of 160 bits, and names them so that an app can part issuer and account', () => {
  expect(newTotpSecret()).toMatch(/^[A-Z2-7]{32}$/)
  expect(newTotpSecret()).not.toBe(newTotpSecret())
  const uri = new URL(totpUri({ issuer: 'Müller & Co: Files', email: 'anna+x@example.com', secret: SECRET }))
  expect([
    decodeURIComponent(uri.pathname),
    uri.searchParams.get('issuer'),
    uri.searchParams.get('secret'),
  ]).toEqual(['/Müller & Co  Files:anna+x@example.com', 'Müller & Co  Files', SECRET])
})

it('makes recovery codes of 120 bits, which are known however they are typed', () => {
  const codes = newRecoveryCodes()
  expect(new Set(codes).size).toBe(RECOVERY_CODES)
  for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){5}$/)
  expect(hashRecoveryCode(' 01AB cdef-01ab-cdef-01ab-cdef')).toEqual(hashRecoveryCode('oiab-cdef-olab-cdef-o1ab-cdef'))
})
