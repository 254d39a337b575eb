import type { Row } from './measure.ts'
import { spawn } from 'node:child_process'
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { createTransport } from 'nodemailer'
import { startCluster } from '../../scripts/embedded-postgres.ts'
import { dataSteps } from '../src/data-steps.ts'
import { createDatabase } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import { testMail } from '../src/features/mail/mail.mails.ts'
import { createMailer } from '../src/mail/outbox.ts'
import { renderMail } from '../src/mail/render-mail.ts'
import { createMailTransport } from '../src/mail/transport.ts'
import { mailDefinitions } from '../src/mails.ts'
import { compare } from './measure.ts'

const MAILS = 2000
const CONNECTIONS = 5
const PUBLIC_URL = 'http://localhost:3000'
const FROM = 'files@example.com'

/** Mails queued and sent by one process, beside the same mails handed straight to nodemailer. */
export async function benchMail(scratch: string): Promise<Row[]> {
  const sink = spawn(process.execPath, [
    fileURLToPath(new URL('smtp-sink.ts', import.meta.url)),
  ], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const cluster = await startCluster({
    folder: join(scratch, 'mail-postgres'),
    ephemeral: true,
  })
  const ended = once(sink, 'exit')
  try {
    const port = Number(String((await once(sink.stdout, 'data'))[0]))
    await migrate(cluster.url(), dataSteps)
    const { db, close } = createDatabase({
      url: cluster.url(),
      poolSize: 16,
    })
    const transport = createMailTransport({
      smtpUrl: `smtp://127.0.0.1:${port}`,
      smtpAllowPlain: true,
      mailFrom: FROM,
      publicUrl: PUBLIC_URL,
      mailReplyTo: undefined,
      mailDkimKey: undefined,
      mailDkimSelector: undefined,
    })!
    const mailer = createMailer({
      db,
      clock: () => new Date(),
      newId: randomUUIDv7,
      jobs: {
        send: async () => {},
      },
      transport,
      definitions: mailDefinitions,
      key: randomBytes(32),
      publicUrl: PUBLIC_URL,
      perMinute: 1_000_000,
      log: {
        error: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
      },
    })
    const alone = createTransport({
      host: '127.0.0.1',
      port,
      ignoreTLS: true,
      pool: true,
      maxConnections: CONNECTIONS,
      maxMessages: 100,
    })
    const content = () => ({
      data: { operator: 'Olga Operator' },
      secrets: {},
      language: 'en' as const,
      sender: 'Harbour',
    })
    const to = (n: number) => `person${n}@example.org`
    try {
      return [
        await compare('a short mail to each of many people', MAILS, 'mails/s', [
          {
            name: 'queued and sent',
            async work() {
              await db.transaction(tx => mailer.queue(tx, testMail, ...Array.from({ length: MAILS }, (_each, n) => ({
                ...content(),
                key: randomUUIDv7(),
                to: {
                  address: to(n),
                },
              }))))
              await mailer.sendDue(AbortSignal.timeout(600_000))
            },
          },
          {
            name: 'nodemailer alone',
            work: () => Promise.all(Array.from({ length: MAILS }, (_each, n) => alone.sendMail({
              from: { name: 'Harbour', address: FROM },
              to: to(n),
              ...renderMail(testMail as never, {
                ...content(),
                publicUrl: PUBLIC_URL,
              }),
            }))),
          },
        ]),
      ]
    }
    finally {
      mailer.close()
      alone.close()
      await close()
    }
  }
  finally {
    sink.stdin.end()
    await ended
    await cluster.stop()
  }
}
