import type { TestUser } from './factories.ts'
import type { TestSmtp } from './smtp-server.ts'
import type { TestApp } from './test-app.ts'
import { setUpInstance } from './factories.ts'
import { startSmtp } from './smtp-server.ts'
import { createTestApp } from './test-app.ts'

export interface MailApp {
  smtp: TestSmtp
  test: TestApp
  operator: TestUser
  close: () => Promise<void>
}

/** A server that sends its mails to a real one, set up, with an operator. */
export async function createMailApp({ perMinute = 1000, env = {} }: { perMinute?: number, env?: Record<string, string> } = {}): Promise<MailApp> {
  const smtp = await startSmtp({ encryption: 'none' })
  const test = await createTestApp({
    env: {
      SMTP_URL: smtp.url,
      SMTP_ALLOW_PLAIN: 'true',
      MAIL_FROM: 'files@example.com',
      MAIL_PER_MINUTE: String(perMinute),
      ...env,
    },
  })
  return {
    smtp,
    test,
    operator: await setUpInstance(test),
    async close() {
      await test.close()
      await smtp.close()
    },
  }
}
