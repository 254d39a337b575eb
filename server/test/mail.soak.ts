import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { testMail } from '../src/features/mail/mail.mails.ts'
import { mailAttempts, mails } from '../src/mail/mails.table.ts'
import { said, startSmtp } from './smtp-server.ts'
import { createTestApp } from './test-app.ts'

const COUNT = 10_000

it('10,000 mails leave once each, by two processes, from a server that refuses some for now, with both stopped half-way', async () => {
  const refusedOnce = new Set<string>()
  const smtp = await startSmtp({
    encryption: 'none',
    onRcpt: (address) => {
      // Each tenth at its first try.
      if (!address.endsWith('0@example.org') || refusedOnce.has(address)) return undefined
      refusedOnce.add(address)
      return said(450, '4.2.0 Greylisted')
    },
  })
  const env = {
    SMTP_URL: smtp.url,
    SMTP_ALLOW_PLAIN: 'true',
    MAIL_FROM: 'files@example.com',
    MAIL_PER_MINUTE: '100000',
  }
  const first = await createTestApp({ env })
  const second = await createTestApp({
    database: {
      url: first.config.databaseUrl,
      drop: async () => {},
    },
    env: { ...env, SECRET_KEY: first.config.secretKey },
  })
  const { db, mail } = first.deps
  const at = performance.now()
  for (let from = 0; from < COUNT; from += 1000) {
    await db.transaction(tx => mail.queue(tx, testMail, ...Array.from({ length: 1000 }, (_each, n) => ({
      key: `soak:${from + n}`,
      to: { address: `person${from + n}@example.org` },
      language: 'en' as const,
      sender: 'Harbour',
      data: { operator: 'Olga Operator' },
      secrets: {},
    }))))
  }
  const queued = performance.now() - at
  try {
    const stop = new AbortController()
    const runs = [first, second].map(({ deps }) => deps.mail.sendDue(stop.signal))
    await expect.poll(() => smtp.mails.length, { timeout: 600_000 }).toBeGreaterThan(COUNT / 2)
    stop.abort()
    await Promise.all(runs)
    const tried = performance.now() - at - queued
    process.stdout.write(`${COUNT} queued in ${Math.round(queued)} ms; ${smtp.mails.length} sent in ${Math.round(tried)} ms\n`)
    // Those that were cut or refused wait for some minutes.
    for (const { clock } of [first, second]) clock.advance(10 * 60_000)
    while (await db.$count(mails, eq(mails.state, 'waiting')) > 0) {
      await Promise.all([first, second].map(({ deps }) => deps.mail.sendDue(AbortSignal.timeout(600_000))))
      for (const { clock } of [first, second]) clock.advance(10 * 60_000)
      await sleep(0)
    }
    expect(await db.$count(mails, eq(mails.state, 'sent'))).toBe(COUNT)
    expect(new Set(smtp.mails.map(({ to }) => to[0])).size).toBe(COUNT)
    // Only what was under way at the stop may have come twice, and then as the same mail.
    const cut = await db.$count(mailAttempts, eq(mailAttempts.outcome, 'later')) - refusedOnce.size
    expect(smtp.mails.length - COUNT).toBeLessThanOrEqual(Math.max(cut, 0))
    expect(new Set(smtp.mails.map(({ headers }) => headers['message-id'])).size).toBe(COUNT)
  }
  finally {
    await second.close()
    await first.close()
  }
})
