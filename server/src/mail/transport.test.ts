import type { AddressInfo } from 'node:net'
import type { MailConfig } from './transport.ts'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { said, startSmtp, trustCertificate } from '../../test/smtp-server.ts'
import { createMailTransport, SMTP_LIMITS } from './transport.ts'

const PASSWORD = 'p@ss:wörd/#1'
const mail = {
  messageId: '<1@example.com>',
  to: { address: 'ana@example.org', name: 'Ana Ändres' },
  sender: 'Borealis & Söhne',
  subject: 'Grüße aus „Borealis“',
  text: 'Guten Tag\n',
  html: '<p>Guten Tag</p>',
}

function open(smtpUrl: string, config: Partial<MailConfig> = {}, limits?: typeof SMTP_LIMITS) {
  const transport = createMailTransport({
    smtpUrl,
    smtpAllowPlain: false,
    mailFrom: 'files@example.com',
    publicUrl: 'https://files.example.com',
    mailReplyTo: undefined,
    mailDkimKey: undefined,
    replyInbox: undefined,
    replyAddress: undefined,
    mailDkimSelector: undefined,
    ...config,
  }, limits)!
  onTestFinished(() => transport.close())
  return transport
}

it.each(['starttls', 'tls'] as const)('sends over %s, signed in, as what it is', async (encryption) => {
  trustCertificate()
  const smtp = await startSmtp({
    encryption,
    auth: { user: 'mailer', pass: PASSWORD },
  })
  const transport = open(smtp.url, { mailReplyTo: 'help@example.com' })
  expect(transport.place).toMatchObject({ encryption, signsIn: true, from: 'files@example.com' })
  expect(await transport.send(mail)).toMatchObject({
    outcome: 'sent',
    reply: expect.stringMatching(/^250 /),
  })
  const [got] = smtp.mails
  expect(got).toMatchObject({
    from: 'files@example.com',
    to: ['ana@example.org'],
    secure: true,
    user: 'mailer',
    text: 'Guten Tag\n',
    html: '<p>Guten Tag</p>',
  })
  expect(got!.headers).toMatchObject({
    'from': 'Borealis & Söhne <files@example.com>',
    'to': 'Ana Ändres <ana@example.org>',
    'reply-to': 'help@example.com',
    'subject': mail.subject,
    'message-id': '<1@example.com>',
    'auto-submitted': 'auto-generated',
  })
  expect(got!.headers).not.toHaveProperty('list-unsubscribe')
  await transport.verify()
})

it('names an address beside the link that ends news, where answers by mail are read', async () => {
  const smtp = await startSmtp({ encryption: 'none' })
  const transport = open(smtp.url, { smtpAllowPlain: true, replyInbox: 'imaps://Replies%40example.com:x@imap.example.com/INBOX' })
  await transport.send({ ...mail, unsubscribeUrl: 'https://files.example.com/unsubscribe/a-b_c' })
  expect(smtp.mails[0]!.headers['list-unsubscribe']).toBe('<https://files.example.com/unsubscribe/a-b_c>, <mailto:replies+unsubscribe@example.com?subject=a-b_c>')
})

it('adds no header and no recipient, whatever stands in names, subjects and addresses', async () => {
  const smtp = await startSmtp({ encryption: 'none' })
  const transport = open(smtp.url, { smtpAllowPlain: true })
  const evil = 'x\r\nBcc: eve@example.net\r\n\r\nHello, <eve@example.net>'
  expect(await transport.send({
    ...mail,
    sender: evil,
    subject: evil,
    to: { address: 'ana@example.org', name: evil },
    unsubscribeUrl: 'https://files.example.com/unsubscribe/x',
  })).toMatchObject({ outcome: 'sent' })
  const [got] = smtp.mails
  expect(got!.to).toEqual(['ana@example.org'])
  expect(got!.headers).not.toHaveProperty('bcc')
  expect(got!.headers).toMatchObject({ 'list-unsubscribe': '<https://files.example.com/unsubscribe/x>', 'list-unsubscribe-post': 'List-Unsubscribe=One-Click' })
  expect(got!.text).toBe(mail.text)
  expect(await transport.send({
    ...mail,
    to: { address: 'ana@example.org>\r\nRCPT TO:<eve@example.net', name: '' },
  })).toMatchObject({ outcome: 'refused', bounced: false })
  expect(smtp.offered).toHaveLength(1)
})

it('sends nothing in clear, and nothing to whom nobody vouches for', async () => {
  const plain = await startSmtp({ encryption: 'none' })
  expect(await open(plain.url).send(mail)).toMatchObject({ outcome: 'later', ofServer: true })
  const stranger = await startSmtp({
    auth: { user: 'mailer', pass: PASSWORD },
  })
  expect(await open(stranger.url).send(mail)).toMatchObject({
    outcome: 'later',
    ofServer: true,
    reply: expect.stringMatching(/self.signed/),
  })
  expect([plain.offered, stranger.offered]).toEqual([[], []])
  // Unless it is on this machine or in its network, and the operator says so.
  expect(await open(plain.url, { smtpAllowPlain: true }).send(mail)).toMatchObject({ outcome: 'sent' })
  expect(await open(stranger.url, { smtpAllowPlain: true }).send(mail)).toMatchObject({ outcome: 'sent' })
  expect([plain.mails[0]!.secure, stranger.mails[0]!.secure]).toEqual([false, true])
})

it('tells all that was said when a mail is tried out, but no password', async () => {
  trustCertificate()
  const smtp = await startSmtp({
    auth: { user: 'mailer', pass: PASSWORD },
    onRcpt: address => address === 'gone@example.org'
      ? said(550, '5.1.1 No such user')
      : undefined,
  })
  const { verdict, transcript } = await open(smtp.url).sendTold({
    ...mail,
    to: { address: 'gone@example.org', name: '' },
  })
  expect(verdict).toMatchObject({ outcome: 'refused', bounced: true, reply: '550 5.1.1 No such user' })
  const lines = transcript.map(({ by, text }) => `${by}: ${text}`)
  for (const line of [
    /^server: 220 /,
    /^us: EHLO files\.example\.com$/,
    /^us: STARTTLS$/,
    /^us: AUTH PLAIN \*\*\*$/,
    /^server: 235 /,
    /^us: MAIL FROM:<files@example\.com>/,
    /^us: RCPT TO:<gone@example\.org>/,
    /^server: 550 5\.1\.1 No such user$/,
  ]) expect(lines).toContainEqual(expect.stringMatching(line))
  const all = lines.join('\n')
  for (const secret of [
    PASSWORD,
    encodeURIComponent(PASSWORD),
    Buffer.from(PASSWORD).toString('base64').slice(0, 8),
    Buffer.from(`\0mailer\0${PASSWORD}`).toString('base64').slice(0, 12),
    Buffer.from('mailer').toString('base64'),
  ]) expect(all).not.toContain(secret)
})

it('tells a wrong password as what the server answers, and ends no mail by it', async () => {
  trustCertificate()
  const smtp = await startSmtp({
    auth: { user: 'mailer', pass: 'another' },
  })
  const transport = open(smtp.url.replace('another', encodeURIComponent(PASSWORD)))
  expect(await transport.send(mail)).toEqual({ outcome: 'later', ofServer: true, reply: '535 5.7.8 Authentication credentials invalid' })
  await expect(transport.verify()).rejects.toThrow('535')
  // One that asks for none: the password is not simply left out.
  const open25 = await startSmtp()
  expect(await open(open25.url.replace('://', '://mailer:secret@')).send(mail)).toMatchObject({ outcome: 'later', ofServer: true })
  expect(open25.offered).toEqual([])
})

it('waits when the server goes down, stalls, cuts the line or lies', async () => {
  const refused = await startSmtp({
    encryption: 'none',
    onConnect: () => said(421, '4.3.2 Going down'),
  })
  const plain = { smtpAllowPlain: true }
  expect(await open(refused.url, plain).send(mail)).toMatchObject({
    outcome: 'later',
    ofServer: true,
    reply: expect.stringContaining('421'),
  })
  expect(await open('smtp://127.0.0.1:1', plain).send(mail)).toMatchObject({ outcome: 'later', ofServer: true })

  const limits = {
    ...SMTP_LIMITS,
    greetingMs: 300,
    idleMs: 300,
    sendMs: 1500,
  }
  const raw = async (converse: (write: (text: string) => void, onLine: (listener: (line: string) => void) => void, end: () => void) => void) => {
    const sockets = new Set<{ destroy: () => void }>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      converse(text => socket.write(text), listener => socket.on('data', (data: Buffer) => data.toString().split('\r\n').filter(Boolean).forEach(listener)), () => socket.destroy())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  // Says nothing at all.
  expect(await open(await raw(() => {}), plain, limits).send(mail)).toMatchObject({ outcome: 'later', ofServer: true })
  // Says something all the time, and never comes to an end.
  expect(await open(await raw((write) => {
    const drip = setInterval(write, 50, '220-wait\r\n')
    onTestFinished(() => clearInterval(drip))
  }), plain, { ...limits, greetingMs: 60_000 }).send(mail)).toMatchObject({ outcome: 'later', ofServer: true })
  // Floods.
  expect(await open(await raw(write => write(`220-${'x'.repeat(500_000)}\r\n`)), plain, limits).send(mail)).toMatchObject({ outcome: 'later', ofServer: true })
  // Is no mail server.
  expect(await open(await raw(write => write('HTTP/1.1 400 Bad Request\r\n\r\n')), plain, limits).send(mail)).toMatchObject({ outcome: 'later', ofServer: true })
  // Cuts the line in the middle of the mail.
  expect(await open(await raw((write, onLine, end) => {
    write('220 mx\r\n')
    onLine(line => line.startsWith('EHLO')
      ? write('250 mx\r\n')
      : /^(?:MAIL|RCPT)/.test(line)
        ? write('250 ok\r\n')
        : line === 'DATA'
          ? write('354 go on\r\n')
          : end())
  }), plain, limits).send(mail)).toMatchObject({ outcome: 'later' })
})

it('stops at once when it is told to', async () => {
  const stop = new AbortController()
  const smtp = await startSmtp({
    encryption: 'none',
    onData: () => {
      stop.abort()
      return new Promise(() => {})
    },
  })
  expect(await open(smtp.url, { smtpAllowPlain: true }).send(mail, stop.signal)).toEqual({ outcome: 'later', ofServer: true, reply: 'This server was stopped while it sent' })
})

it('signs with DKIM', async () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const smtp = await startSmtp({ encryption: 'none' })
  await open(smtp.url, { smtpAllowPlain: true, mailDkimSelector: 'files', mailDkimKey: privateKey }).send(mail)
  expect(smtp.mails[0]!.headers['dkim-signature']).toMatch(/ d=example\.com; .*s=files; /)
})
