import type { TestUser } from './factories.ts'
import type { TestApp } from './test-app.ts'
import { codeOf } from './totp-code.ts'

export interface TestTotp {
  secret: string
  recoveryCodes: string[]
  /** Each time the next one: none is taken twice. Moves the clock on to where it is right. */
  nextCode: () => string
}

/** Sets an authenticator app up as its owner does. */
export async function addTotp(test: TestApp, user: TestUser): Promise<TestTotp> {
  const { body: { secret } } = await test.call('POST', '/me/totp', { token: user.token })
  const { status, body } = await test.call('POST', '/me/totp/confirm', {
    token: user.token,
    body: {
      code: codeOf(secret, test.clock.now()),
    },
  })
  if (status !== 200) throw new Error(`The app was not confirmed: ${status} ${JSON.stringify(body)}`)
  return {
    secret,
    recoveryCodes: body.recoveryCodes,
    nextCode() {
      test.clock.advance(30_000)
      return codeOf(secret, test.clock.now())
    },
  }
}
