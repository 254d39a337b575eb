import { expect, it } from 'vitest'
import { asReply, delayAfter, GIVE_UP_MS, verdictOf } from './verdict.ts'

const fault = (command: string, response: string) => verdictOf({
  message: `It failed: ${response}`,
  code: 'EENVELOPE',
  command,
  response,
  responseCode: Number(/^\d+/.exec(response)?.[0] ?? 0),
})

it.each([
  // The address is none.
  [
    'RCPT TO',
    '550 5.1.1 <x@example.com> no such user',
    'refused',
    true,
  ],
  [
    'RCPT TO',
    '550-5.1.1 on two lines',
    'refused',
    true,
  ],
  [
    'RCPT TO',
    '550 No such user here',
    'refused',
    true,
  ],
  [
    'RCPT TO',
    '553 mailbox name not allowed',
    'refused',
    true,
  ],
  [
    'RCPT TO',
    '550 5.2.1 mailbox disabled',
    'refused',
    true,
  ],
  // It is one; the mail is not taken.
  [
    'RCPT TO',
    '550 5.7.1 relaying denied',
    'refused',
    false,
  ],
  [
    'RCPT TO',
    '552 5.2.2 mailbox full',
    'refused',
    false,
  ],
  [
    'RCPT TO',
    '554 rejected',
    'refused',
    false,
  ],
  [
    'DATA',
    '550 5.1.1 said too late',
    'refused',
    false,
  ],
  [
    'DATA',
    '554 5.7.1 looks like spam',
    'refused',
    false,
  ],
  // Later, and of this mail alone.
  [
    'RCPT TO',
    '450 4.2.0 greylisted',
    'later',
    undefined,
  ],
  [
    'DATA',
    '451 4.3.0 try again',
    'later',
    undefined,
  ],
  [
    'DATA',
    '503 bad sequence',
    'later',
    undefined,
  ],
])('after %s, “%s” is %s', (command, response, outcome, bounced) => {
  expect(fault(command, response)).toEqual(outcome === 'later'
    ? { outcome, reply: response, ofServer: false }
    : { outcome, reply: response, bounced })
})

it.each([
  ['CONN', ''],
  ['EHLO', '502 not here'],
  ['STARTTLS', '454 no TLS today'],
  ['AUTH PLAIN', '535 5.7.8 wrong password'],
  ['MAIL FROM', '550 5.1.0 sender refused'],
  ['MAIL FROM', '530 5.7.0 sign in first'],
  ['RCPT TO', '421 4.3.2 going down'],
])('before the mail, or for all, %s “%s” ends none', (command, response) => {
  expect(fault(command, response)).toMatchObject({ outcome: 'later', ofServer: true })
})

it('gives up within two days, after more and more time', () => {
  const delays = Array.from({ length: 20 }, (_each, n) => delayAfter(n + 1))
  expect(delays.toSorted((a, b) => a - b)).toEqual(delays)
  expect(delays.reduce((sum, each) => sum + each)).toBeGreaterThan(GIVE_UP_MS)
  expect(delays[0]).toBe(60_000)
})

it('keeps a reply as one line of bounded length', () => {
  expect(asReply('550-one\r\n550 two')).toBe('550-one 550 two')
  expect(asReply('x'.repeat(100_000))).toHaveLength(1000)
})
