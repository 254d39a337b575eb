import type { AddPasskeyData, LoginByPasskeyData, SignedInAnswer } from '../api/generated/types.gen.ts'
import { requestJson } from '../api/http.ts'
import { haveProblemWords, ProblemError } from '../api/problem.ts'

type Library = typeof import('@simplewebauthn/browser')

async function run<T>(use: (library: Library) => Promise<T>): Promise<T> {
  const library = await import('@simplewebauthn/browser')
  try {
    return await use(library)
  }
  catch (cause) {
    await haveProblemWords()
    // Cancelled, too late, or none that fits: browsers do not tell which, so that no page learns what is there.
    throw new ProblemError({
      type: 'about:blank',
      title: String(cause),
      status: 0,
      code: cause instanceof Error && cause.name === 'InvalidStateError'
        ? 'auth.factor_exists'
        : 'auth.passkey_refused',
      errors: [],
    }, {}, { cause })
  }
}

/** Asks for a passkey by what the server wants signed. @throws {ProblemError} `auth.passkey_refused` with the status 0 */
export const showPasskey = (options: object) => run(({ startAuthentication }) => startAuthentication({ optionsJSON: options as Parameters<typeof startAuthentication>[0]['optionsJSON'] })) as Promise<LoginByPasskeyData['body']['response']>

/** Makes a passkey. @throws {ProblemError} `auth.passkey_refused`, `auth.factor_exists` when the device has one of this account */
export const makePasskey = (options: object) => run(({ startRegistration }) => startRegistration({ optionsJSON: options as Parameters<typeof startRegistration>[0]['optionsJSON'] })) as Promise<AddPasskeyData['body']['response']>

/** A session for a passkey alone, which says who it is of. @throws {ProblemError} `auth.passkey_refused`, and what else the server says */
export async function signInByPasskey(): Promise<SignedInAnswer> {
  const response = await showPasskey(await requestJson<object>('POST', '/auth/passkey/options'))
  return requestJson('POST', '/auth/passkey', { response })
}
