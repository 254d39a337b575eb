import type { TestImap } from '../../../test/imap-server.ts'
import type { MailApp } from '../../../test/mail-app.ts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dovecotBinary, startImap } from '../../../test/imap-server.ts'
import { createMailApp } from '../../../test/mail-app.ts'
import { proofFor } from '../../../test/proof-of-work.ts'
import { takersOf } from '../../features.ts'
import { throttles } from '../auth/throttles.table.ts'

const WAIT = { timeout: 60_000 }

// Without Dovecot there is no IMAP server to read from; `npm test` says so.
describe.skipIf(!dovecotBinary)('an answer by mail', () => {
  let imap: TestImap
  let app: MailApp
  beforeAll(async () => {
    imap = await startImap()
    app = await createMailApp({
      env: {
        REPLY_INBOX: imap.url('replies'),
        REPLY_ADDRESS: 'replies@example.com',
      },
    })
    app.test.deps.replies.serve(takersOf(app.test.deps))
    await read()
  })
  afterEach(() => app.test.deps.db.delete(throttles))
  afterAll(async () => {
    await app?.close()
    await imap?.stop()
  })

  const read = () => app.test.deps.replies.read(AbortSignal.timeout(60_000))
  const asOperator = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) => app.test.call(method, path, { token: app.operator.token, body })
  const lastTo = async (address: string, count: number) => {
    await expect.poll(async () => {
      await app.test.deps.mail.sendDue(AbortSignal.timeout(60_000))
      return app.smtp.mails.filter(mail => mail.to.includes(address)).length
    }, WAIT).toBe(count)
    return app.smtp.mails.filter(mail => mail.to.includes(address)).at(-1)!
  }
  let people = 0

  /** A privacy question, confirmed and answered. */
  async function answered() {
    const email = `ana${people++}@client.example`
    const { body: { reference } } = await app.test.call('POST', '/public/requests', {
      body: {
        kind: 'privacy',
        right: 'access',
        name: 'Ana',
        email,
        message: 'What do you hold about me?',
        language: 'de',
        altcha: proofFor((await app.test.call('GET', '/public/requests/challenge')).body),
      },
    })
    const confirm = await lastTo(email, 1)
    const token = /requests#token=([\w-]+)/.exec(confirm.text.replaceAll(/=\r?\n/g, ''))![1]!
    await app.test.call('POST', `/public/requests/${token}/confirm`)
    const { body: { items: [{ id }] } } = await asOperator('GET', `/admin/requests?q=${email}`)
    expect((await asOperator('POST', `/admin/requests/${id}/replies`, { text: 'Your **name** and this question.' })).status).toBeLessThan(300)
    const mail = await lastTo(email, 2)
    return { id, email, reference, token, mail }
  }
  const thread = async (id: string) => (await asOperator('GET', `/admin/requests/${id}`)).body.messages.map(({ from, text }: { from: string, text: string }) => [from, text])

  function deliver(from: string, to: string, text: string, fields: Record<string, string> = {}) {
    imap.deliver('replies', [
      `From: ${from}`,
      `To: ${to}`,
      'Subject: Re: your answer',
      ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
      '',
      text,
    ].join('\r\n'))
  }

  it('stands in the thread of its request, once, without what it quotes, and rings', async () => {
    const { id, email, mail, token } = await answered()
    expect(mail.headers['reply-to']).toMatch(/^replies\+r[0-9a-z]{8}-[0-9a-f]{24}@example\.com$/)
    expect(mail.text).toMatch(/^✂ Um per Mail zu antworten/)
    expect(mail.html).toContain('✂ Um per Mail zu antworten')
    await asOperator('PATCH', `/admin/requests/${id}`, { state: 'answered', outcome: 'Told her', letter: 'Done.' })
    deliver(`Ana <${email.toUpperCase()}>`, mail.headers['reply-to']!, [
      'Und seit wann?',
      '',
      'Am 30.11.2026 um 10:00 schrieb Files:',
      ...mail.text.split('\n').map(line => `> ${line}`),
    ].join('\r\n'), { 'Message-ID': `<1.${id}@client.example>` })
    await read()
    await read()
    expect((await thread(id)).at(-1)).toEqual(['sender', 'Und seit wann?'])
    expect((await thread(id)).filter(([from]: string[]) => from === 'sender')).toHaveLength(1)
    expect((await app.test.call('GET', `/public/requests/${token}`)).body.messages.at(-1)).toMatchObject({ from: 'sender', text: 'Und seit wann?' })
    expect((await asOperator('GET', `/admin/instance/audit?action=request.written_to`)).body.items?.length ?? 1).toBeGreaterThan(0)
  })

  it('is known by what it answers where the address was lost', async () => {
    const { id, email, mail } = await answered()
    deliver(email, 'replies@example.com', 'Thank you.', { 'In-Reply-To': mail.headers['message-id']! })
    await read()
    expect((await thread(id)).at(-1)).toEqual(['sender', 'Thank you.'])
  })

  it('from another address is a note for operators, also with the address of another thread', async () => {
    const one = await answered()
    const other = await answered()
    deliver('eve@evil.example', one.mail.headers['reply-to']!, 'Send it to me.')
    deliver(other.email, one.mail.headers['reply-to']!, 'Mine too?')
    await read()
    expect((await thread(one.id)).slice(-2)).toEqual([
      ['note', 'eve@evil.example:\n\nSend it to me.'],
      ['note', `${other.email}:\n\nMine too?`],
    ])
    expect((await app.test.call('GET', `/public/requests/${one.token}`)).body.messages.map(({ from }: { from: string }) => from)).not.toContain('note')
    expect((await thread(other.id)).map(([from]: string[]) => from)).toEqual(['operator'])
  })

  it('is nobody’s with an address that nobody made, of a machine, or without words', async () => {
    const { id, email, mail } = await answered()
    const to = mail.headers['reply-to']!
    deliver(email, to.replace(/-[0-9a-f]/, digit => digit === '-0'
      ? '-1'
      : '-0'), 'Forged.')
    deliver(email, to.replace(/\+r..../, '+rZZZZ'), 'Of no request.')
    deliver(email, to, 'I am away.', { 'Auto-Submitted': 'auto-replied' })
    deliver(email, to, '> ✂ To answer by mail, write above this line.\r\n> only a quote')
    await read()
    expect((await thread(id)).map(([from]: string[]) => from)).toEqual(['operator'])
  })

  it('is taken as often as one from the page, and no more', async () => {
    const { id, email, mail } = await answered()
    for (let n = 0; n < 22; n++) deliver(email, mail.headers['reply-to']!, `Message ${n}`)
    await read()
    expect((await thread(id)).filter(([from]: string[]) => from === 'sender')).toHaveLength(20)
  })
})
