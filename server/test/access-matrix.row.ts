import type { Rule } from './access-matrix.callers.ts'
import type { Call, Target } from './access-matrix.target.ts'

export interface Row {
  /** What each caller gets. */
  expected: Rule
  call: (target: Target) => Call
  /** What the owner gets for ids of another tenant, if not 404. */
  foreign?: 401 | 403
  /** A dangerous act, which asks a session to show lately what a sign-in asks for; `sometimes`: by what the body does. */
  stepUp?: true | 'sometimes'
  /** Answers with an endless stream. */
  isStream?: boolean
}

export const at = (path: string) => (): Call => ({ path })
export const inWorkspace = (path: string, body?: (target: Target) => object) => (target: Target): Call => ({
  path: `/workspaces/${target.workspaceId}${path}`,
  body: body?.(target),
})
