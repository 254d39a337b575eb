import { randomUUIDv7 } from 'node:crypto'
import { once } from 'node:events'
import process from 'node:process'
import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { users } from '../src/features/users/users.table.ts'
import { mailAttempts, mails } from '../src/mail/mails.table.ts'
import { createWorkspace, setUpInstance } from './factories.ts'
import { startMain } from './main-process.ts'
import { startSmtp } from './smtp-server.ts'
import { soakIt } from './soak.ts'
import { useTestApp } from './test-app.ts'

type Hook = () => void | Promise<void>

/** A server, and workers that are processes of their own; `onOffered` runs when a mail has come and before it is answered. */
async function setUp(settings: Record<string, string> = {}) {
  let onOffered: Hook = () => {}
  const smtp = await startSmtp({
    encryption: 'none',
    onData: () => onOffered(),
  })
  const env = {
    SMTP_URL: smtp.url,
    SMTP_ALLOW_PLAIN: 'true',
    MAIL_FROM: 'files@example.com',
    ...settings,
  }
  const test = await useTestApp({
    env: { ...env, STORAGE: 'local' },
  })
  async function startWorker() {
    const worker = startMain({
      ipc: true,
      env: {
        ...env,
        PORT: String(await findFreePort()),
        DATA_DIR: test.config.dataDir,
        DATABASE_URL: test.config.databaseUrl,
        STORAGE: 'local',
        SECRET_KEY: test.config.secretKey,
        PROCESS_MODE: 'worker',
        LOG_LEVEL: 'error',
      },
    })
    await Promise.race([
      once(worker.child, 'message'),
      worker.ended.then(() => { throw new Error(worker.output()) }),
    ])
    return worker
  }

  return {
    smtp,
    test,
    startWorker,
    /** Resolves when the worker is dead, killed while the mail of this number is answered. */
    killedAt: (worker: Awaited<ReturnType<typeof startWorker>>, number: number) => new Promise<void>((resolve, reject) => {
      onOffered = () => {
        if (smtp.offered.length < number) return
        onOffered = () => {}
        // It stands still, so that it gets the 250 and does nothing with it.
        process.kill(worker.child.pid!, 'SIGSTOP')
        setImmediate(() => {
          worker.child.kill('SIGKILL')
          worker.ended.then(() => resolve(), reject)
        })
      }
    }),
  }
}

it('a mail whose sender is killed between the 250 and the row is sent again with the same Message-ID (two real processes)', async () => {
  const { smtp, test, startWorker, killedAt } = await setUp()
  const { db } = test.deps
  const workspace = await createWorkspace(test)
  const killed = killedAt(await startWorker(), 1)
  const invitation = await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
    token: workspace.owner.token,
    body: { role: 'staff', email: 'ana@example.org' },
  })
  expect(invitation.body.isMailed).toBe(true)
  await killed
  const [mail] = await db.select().from(mails)
  expect(mail).toMatchObject({ state: 'waiting', attempts: 1 })
  expect(smtp.offered).toHaveLength(1)

  // What passes by itself within 90 seconds.
  await db.update(mails).set({ nextAttemptAt: mail!.createdAt })
  await startWorker()
  await expect.poll(async () => (await db.select({ state: mails.state }).from(mails).where(eq(mails.id, mail!.id)))[0], { timeout: 120_000 }).toEqual({ state: 'sent' })
  expect(smtp.offered.map(({ headers }) => headers['message-id'])).toEqual([mail!.messageId, mail!.messageId])
  expect((await db.select().from(mailAttempts).orderBy(mailAttempts.number)).map(({ outcome }) => outcome)).toEqual(['cut', 'sent'])
})

soakIt('an announcement to 1,000 people whose worker is killed half-way reaches each of them, and nobody by two mails (two real processes)', async () => {
  const COUNT = 1000
  const { smtp, test, startWorker, killedAt } = await setUp({ MAIL_PER_MINUTE: '100000' })
  const { db } = test.deps
  const operator = await setUpInstance(test)
  await db.insert(users).values(Array.from({ length: COUNT - 1 }, (_each, n) => ({
    id: randomUUIDv7(),
    name: `Person ${n}`,
    email: `p${n}@many.example`,
    emailKey: `p${n}@many.example`,
    createdAt: test.deps.clock(),
  })))
  const killed = killedAt(await startWorker(), COUNT / 2)
  const call = (method: 'GET' | 'POST', path: string, body?: object) => test.call(method, `/admin/announcements${path}`, { token: operator.token, body })
  const { body: { id, reach } } = await call('POST', '', {
    kind: 'service',
    audience: { to: 'everyone' },
    texts: {
      en: { subject: 'Maintenance', markdown: 'We are away from 8 to 9.' },
    },
  })
  expect(reach).toBe(COUNT)
  expect((await call('POST', `/${id}/start`)).status).toBeLessThan(300)
  await killed
  const before = smtp.offered.length
  expect((await call('GET', `/${id}`)).body.state).toBe('sending')

  // What was under way waits for 90 seconds, which pass by themselves.
  await db.update(mails).set({
    nextAttemptAt: test.deps.clock(),
  }).where(eq(mails.state, 'waiting'))
  await startWorker()
  await expect.poll(async () => (await call('GET', `/${id}`)).body, { timeout: 300_000 }).toMatchObject({
    state: 'sent',
    progress: {
      waiting: 0,
      sent: COUNT,
      failed: 0,
      skipped: 0,
    },
  })
  // Of those that were under way some came twice, as one mail: with one Message-ID, by which who receives it knows.
  const idsOf = new Map<string, Set<string>>()
  for (const { to: [address], headers } of smtp.offered) idsOf.set(address!, (idsOf.get(address!) ?? new Set()).add(headers['message-id']!))
  expect(before).toBeLessThan(COUNT)
  expect(idsOf.size).toBe(COUNT)
  expect([...idsOf].filter(([, ids]) => ids.size !== 1)).toEqual([])
  expect(await db.$count(mails)).toBe(COUNT)
  expect(smtp.offered.length - COUNT).toBeLessThan(COUNT / 10)
})
