import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { createUser, setUpInstance } from '../../test/factories.ts'
import { useTestApp } from '../../test/test-app.ts'
import { buildApp } from '../app.ts'
import { hashPassword } from '../crypto/passwords.ts'
import { users } from '../features/users/users.table.ts'
import { logOptions } from './request-log.ts'

const PASSWORD = 'correct horse battery staple'

it('the log says once that people sign in at another address than PUBLIC_URL', async () => {
  const test = await useTestApp({
    env: { PUBLIC_URL: 'https://files.example.com' },
  })
  await setUpInstance(test)
  const user = await createUser(test)
  await test.deps.db.update(users).set({ passwordHash: await hashPassword(PASSWORD) }).where(eq(users.id, user.id))
  const lines: string[] = []
  const app = await buildApp(test.deps, {
    loggerInstance: pino(logOptions('info'), {
      write: (line: string) => { lines.push(line) },
    }),
  })
  onTestFinished(() => app.close())
  const told = () => lines.map(line => JSON.parse(line) as { level: number, here?: string, publicUrl?: string }).filter(({ publicUrl }) => publicUrl !== undefined)
  async function signIn(origin: string | undefined, password = PASSWORD): Promise<number> {
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/api/v1/auth/login',
      payload: { email: user.email, password },
      headers: {
        ...(origin === undefined
          ? {}
          : { origin }),
      },
    })
    return statusCode
  }
  for (const origin of [
    'https://files.example.com',
    undefined,
    'null',
    'no address',
  ]) expect(await signIn(origin)).toBe(200)
  expect(await signIn('https://scanner.example.net', 'wrong')).toBe(401)
  expect(told()).toEqual([])
  for (const origin of ['http://192.0.2.7:8080', 'http://192.0.2.8']) expect(await signIn(origin)).toBe(200)
  expect(told()).toMatchObject([
    { level: 40, here: 'http://192.0.2.7:8080', publicUrl: 'https://files.example.com' },
  ])
})
