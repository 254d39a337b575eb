import { once } from 'node:events'
import process from 'node:process'
import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { mailAttempts, mails } from '../src/mail/mails.table.ts'
import { createWorkspace } from './factories.ts'
import { startMain } from './main-process.ts'
import { startSmtp } from './smtp-server.ts'
import { useTestApp } from './test-app.ts'

it('a mail whose sender is killed between the 250 and the row is sent again with the same Message-ID (two real processes)', async () => {
  let onOffered = async () => {}
  const smtp = await startSmtp({
    encryption: 'none',
    onData: () => onOffered(),
  })
  const env = { SMTP_URL: smtp.url, SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@example.com' }
  const test = await useTestApp({
    env: { ...env, STORAGE: 'local' },
  })
  const { db } = test.deps
  const workspace = await createWorkspace(test)
  const startWorker = async () => {
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

  const first = await startWorker()
  const killed = new Promise<void>((resolve, reject) => {
    onOffered = async () => {
      onOffered = async () => {}
      // It stands still, so that it gets the 250 and does nothing with it.
      process.kill(first.child.pid!, 'SIGSTOP')
      setImmediate(() => {
        first.child.kill('SIGKILL')
        first.ended.then(() => resolve(), reject)
      })
    }
  })
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
