import type { AddressInfo } from 'node:net'
import type { TestImap } from '../../test/imap-server.ts'
import type { IncomingReply } from './replies.ts'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../test/database.ts'
import { dovecotBinary, startImap } from '../../test/imap-server.ts'
import { createDatabase } from '../db/database.ts'
import { createReplies } from './replies.ts'
import { createReplyInbox } from './reply-inbox.ts'

/** Stands in front of a server, and counts what it says. */
async function countBytes(port: number): Promise<{ port: number, bytes: () => number }> {
  let bytes = 0
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1').on('data', (chunk) => {
      bytes += chunk.length
    })
    client.on('error', () => server.destroy())
    server.on('error', () => client.destroy())
    client.pipe(server).pipe(client)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void proxy.close())
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as AddressInfo).port,
    bytes: () => bytes,
  }
}

const mail = (fields: Record<string, string>, body = 'Yes.') => [
  ...Object.entries({
    'From': 'Ana <Ana@Client.example>',
    'To': 'replies@example.com',
    'Subject': 'Re: Your request',
    'Date': 'Mon, 30 Nov 2026 10:00:00 +0000',
    'Content-Type': 'text/plain; charset=utf-8',
    ...fields,
  }).map(([name, value]) => `${name}: ${value}`),
  '',
  body,
].join('\r\n')

// Without Dovecot there is no IMAP server to read from; `npm test` says so.
describe.skipIf(!dovecotBinary)('an inbox for answers', () => {
  let imap: TestImap
  let people = 0
  beforeAll(async () => {
    imap = await startImap()
  })
  afterAll(() => imap.stop())

  /** A mailbox of its own. */
  async function open() {
    const user = `replies${people++}`
    const counted = await countBytes(imap.port)
    const { url, drop } = await createTestDatabase()
    const database = createDatabase({ url, poolSize: 2 })
    onTestFinished(() => database.close().then(drop))
    const taken: IncomingReply[] = []
    const errors: unknown[] = []
    let fault: Error | undefined
    const replies = createReplies({
      db: database.db,
      clock: () => new Date('2026-11-30T12:00:00Z'),
      config: {
        replyInbox: imap.url(user).replace(`:${imap.port}/`, `:${counted.port}/`),
        replyAddress: 'replies@example.com',
        smtpAllowPlain: true,
      },
      log: {
        error: (...told) => errors.push(told),
      },
    })
    replies.serve([
      {
        async take(reply) {
          if (fault) throw fault
          taken.push(reply)
          return true
        },
      },
    ])
    return {
      taken,
      errors,
      replies,
      deliver: (raw: string | Buffer) => imap.deliver(user, raw),
      read: () => replies.read(AbortSignal.timeout(60_000)),
      bytes: counted.bytes,
      fail: (error: Error | undefined) => { fault = error },
    }
  }

  it('hands on each mail that comes, once, and none that was there before', async () => {
    const box = await open()
    box.deliver(mail({ 'Message-ID': '<old@client.example>' }))
    await box.read()
    box.deliver(mail({
      'Message-ID': '<new@client.example>',
      'To': '"Files" <Replies+R-Token.x_1@Example.com>',
      'In-Reply-To': '<a@example.com>',
      'References': '<b@example.com>\r\n <a@example.com>',
    }, 'Yes.\r\n\r\nAm 30.11.26 schrieb Files:\r\n> ✂ Bitte'))
    box.deliver(mail({}, 'Another.'))
    await box.read()
    await box.read()
    expect(box.taken).toMatchObject([
      {
        id: 'new@client.example',
        from: 'ana@client.example',
        tag: 'r-token.x_1',
        subject: 'Re: Your request',
        answers: ['a@example.com', 'b@example.com', 'a@example.com'],
        text: 'Yes.',
        isCut: false,
        attachments: 0,
        isAutomatic: false,
      },
      { tag: undefined, text: 'Another.' },
    ])
    expect(box.taken[1]!.id).toMatch(/^\d+\.3$/)
  })

  it('knows its address where another program rewrote To', async () => {
    const box = await open()
    await box.read()
    box.deliver(mail({ 'To': 'list@example.org', 'Delivered-To': 'replies+abc@example.com' }))
    box.deliver(mail({ To: 'replies+abc@evil.example, evil+replies+abc@example.com' }))
    await box.read()
    expect(box.taken.map(({ tag }) => tag)).toEqual(['abc', undefined])
  })

  it.each([
    ['Auto-Submitted', 'auto-replied', true],
    ['Auto-Submitted', 'no', false],
    ['Precedence', 'bulk', true],
    ['Return-Path', '<>', true],
    ['List-Id', '<list.example.org>', true],
    ['X-Anything', 'auto-replied', false],
  ])('tells what a machine wrote by %s: %s', async (name, value, isAutomatic) => {
    const box = await open()
    await box.read()
    box.deliver(mail({ [name]: value }))
    await box.read()
    expect(box.taken).toMatchObject([
      { isAutomatic },
    ])
  })

  it('reads the text of a mail of 30 MB with HTML and a macro, and leaves the rest', async () => {
    const box = await open()
    await box.read()
    box.deliver(mail({ 'MIME-Version': '1.0', 'Content-Type': 'multipart/mixed; boundary=out' }, [
      '--out',
      'Content-Type: multipart/alternative; boundary=in',
      '',
      '--in',
      'Content-Type: text/html; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<p>Sch=F6n.</p><script>alert(1)</script><img src=3D"https://tracker.example/1.gif">',
      '--in--',
      '--out',
      'Content-Type: application/vnd.ms-excel.sheet.macroEnabled.12; name="a.xlsm"',
      'Content-Disposition: attachment; filename="a.xlsm"',
      'Content-Transfer-Encoding: base64',
      '',
      `${'A'.repeat(76)}\r\n`.repeat(400_000),
      '--out--',
    ].join('\r\n')))
    await box.read()
    expect(box.taken).toMatchObject([
      { text: 'Schön.', attachments: 1 },
    ])
    // What is read is the text alone.
    expect(box.bytes()).toBeLessThan(100_000)
  })

  it.each([
    ['no header at all', ''],
    [
      'bytes that are no text',
      Buffer.from([0, 255, 254, 13, 10, 13, 10, 0, 200]),
    ],
    [
      'a charset that nobody knows',
      mail({ 'Content-Type': 'text/plain; charset=x-none' }, 'Yes.'),
    ],
    [
      'an encoding that breaks off',
      mail({ 'Content-Transfer-Encoding': 'base64' }, 'WWV'),
    ],
    [
      'parts that never end',
      mail({ 'Content-Type': 'multipart/mixed; boundary=x' }, '--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n'.repeat(200)),
    ],
    [
      'a line of a megabyte in its head',
      mail({
        'X-Long': 'x'.repeat(1_000_000),
      }),
    ],
  ])('survives a mail with %s, and reads the next', async (_what, raw) => {
    const box = await open()
    await box.read()
    box.deliver(raw)
    box.deliver(mail({}, 'The next.'))
    await box.read()
    expect(box.taken.at(-1)!.text).toBe('The next.')
  })

  it('tries a mail again that could not be taken, and passes it in the end', async () => {
    const box = await open()
    await box.read()
    box.deliver(mail({}, 'First.'))
    box.deliver(mail({}, 'Second.'))
    box.fail(new Error('no'))
    for (let n = 0; n < 4; n++) await expect(box.read()).rejects.toThrow('no')
    box.fail(undefined)
    await box.read()
    expect(box.taken.map(({ text }) => text)).toEqual(['First.', 'Second.'])
    box.deliver(mail({}, 'Poison.'))
    box.fail(new Error('no'))
    for (let n = 0; n < 4; n++) await expect(box.read()).rejects.toThrow('no')
    await box.read()
    box.fail(undefined)
    box.deliver(mail({}, 'Third.'))
    await box.read()
    expect(box.taken.map(({ text }) => text)).toEqual(['First.', 'Second.', 'Third.'])
    expect(box.errors).toHaveLength(1)
  })

  it('refuses a server that does not encrypt, unless it is told that it may', async () => {
    const inbox = createReplyInbox({
      replyInbox: imap.url('plain'),
      replyAddress: 'replies@example.com',
      smtpAllowPlain: false,
    })!
    await expect(inbox.open()).rejects.toThrow()
  })

  it('says so when the password is wrong', async () => {
    const inbox = createReplyInbox({
      replyInbox: imap.url('wrong').replace('secret', 'other'),
      replyAddress: 'replies@example.com',
      smtpAllowPlain: true,
    })!
    await expect(inbox.open()).rejects.toMatchObject({ authenticationFailed: true })
  })
})

it('gives up on a server that says nothing', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  onTestFinished(() => void silent.close())
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const inbox = createReplyInbox({ replyInbox: `imap://a:b@127.0.0.1:${port}/INBOX`, replyAddress: 'replies@example.com', smtpAllowPlain: true }, { connectMs: 100, greetingMs: 100, idleMs: 100 })!
  await expect(inbox.open()).rejects.toThrow()
})
