import type { Cookie } from './http/cookies.ts'
import { codeCookie, deviceCookie, sessionCookie } from './features/auth/auth.cookies.ts'
import { proofCookie } from './features/downloads/downloads.cookies.ts'
import { stateCookie } from './features/oidc/oidc.cookies.ts'
import { linkGrantCookie } from './features/public-links/public-links.cookies.ts'

/** Every cookie that the server sets, in the order in which policy texts tell of them. */
export const cookies: readonly Cookie[] = [
  sessionCookie,
  deviceCookie,
  codeCookie,
  stateCookie,
  linkGrantCookie,
  proofCookie,
]
