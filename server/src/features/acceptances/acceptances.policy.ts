/** Where somebody was asked. */
export const acceptancePlaces = [
  'sign-in',
  'invitation',
  'registration',
  'account',
  'request',
] as const
export type AcceptancePlace = typeof acceptancePlaces[number]
