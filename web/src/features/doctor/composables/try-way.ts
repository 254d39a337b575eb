import type { ProblemError } from '../../../api/problem.ts'

/** How something that was tried between this browser and the server ended. */
export type Outcome
  = | { end: 'well', seconds: number }
    /** Something on the way answered in the server's stead. */
    | { end: 'refused', seconds: number, status: number }
    /** Something on the way broke the connection. */
    | { end: 'cut', seconds: number }
    /** Less arrived than was sent, in bytes. */
    | { end: 'short', seconds: number, arrived: number }
    /** The server itself refused: that tells nothing of the way. */
    | { end: 'unanswered', seconds: number, problem: ProblemError }

/** What a failure says of the way: an answer without a code of ours was given by something else, no answer at all is a broken connection. */
export function outcomeOf(problem: ProblemError, seconds: number): Outcome {
  if (problem.code.startsWith('network.')) return { end: 'cut', seconds }
  return /^(?:proxy|http)\./.test(problem.code)
    ? { end: 'refused', seconds, status: problem.status }
    : { end: 'unanswered', seconds, problem }
}
