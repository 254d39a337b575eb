import { defineError } from '../../errors/app-error.ts'

/** Of another browser, used, too old, or of nobody: all alike. */
export const signInNotBegun = defineError('provider.not_begun', 400, 'This sign-in was not begun here, or is over')
/** Nobody is connected, and nobody may come in so: the same whether there is an account with the address. */
export const nobodyConnected = defineError('provider.nobody_connected', 403, 'No account here is connected with this sign-in')
export const signInGivenUp = defineError('provider.given_up', 403, 'The sign-in was given up at the provider')
export const wrongAnswer = defineError('provider.wrong_answer', 400, 'The answer of the provider does not hold')
export const providerFailed = defineError('provider.failed', 502, 'The provider does not answer as it should')
export const lastWayIn = defineError('provider.last_way_in', 409, 'You would have no way to sign in')
