import { expect, it, onTestFinished } from 'vitest'
import { setUpInstance } from '../../../test/factories.ts'
import { dovecotBinary, startImap } from '../../../test/imap-server.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { takersOf } from '../../features.ts'
import { deriveKey } from '../../http/tokens.ts'
import { unsubscribeToken } from './unsubscribe-token.ts'

// Without Dovecot there is no IMAP server to read from; `npm test` says so.
it.skipIf(!dovecotBinary)('a mail to the address that news name ends news of its kind, and nothing else', async () => {
  const imap = await startImap()
  onTestFinished(() => imap.stop())
  const test = await createTestApp({
    env: {
      SMTP_URL: 'smtp://127.0.0.1:1',
      SMTP_ALLOW_PLAIN: 'true',
      MAIL_FROM: 'files@example.com',
      REPLY_INBOX: imap.url('replies'),
      REPLY_ADDRESS: 'replies@example.com',
    },
  })
  onTestFinished(test.close)
  const operator = await setUpInstance(test)
  test.deps.replies.serve(takersOf(test.deps))
  const read = () => test.deps.replies.read(AbortSignal.timeout(60_000))
  const unsubscribed = async () => (await test.call('GET', '/me/notification-preferences', { token: operator.token })).body.unsubscribed
  const send = (to: string, subject: string) => imap.deliver('replies', `From: whoever@example.org\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\n`)
  const token = (kind: string, key = test.deps.config.secretKey) => unsubscribeToken(deriveKey(key, 'unsubscribe'), { userId: operator.id, kind })
  await read()

  send('replies+unsubscribe@example.com', 'unsubscribe')
  send('replies+unsubscribe@example.com', token('daily', 'another-key-that-is-long-enough-1234'))
  send('replies@example.com', token('daily'))
  await read()
  expect(await unsubscribed()).toEqual([])

  send('replies+unsubscribe@example.com', ` ${token('daily')} `)
  send('Files <replies+unsubscribe@example.com>', token('daily'))
  await read()
  expect(await unsubscribed()).toEqual(['daily'])
})
