import type { ProblemError } from '../api/problem.ts'
import { useI18n } from 'vue-i18n'
import { toProblem } from '../api/problem.ts'

export interface ProblemText {
  problem: ProblemError
  /** What happened. */
  title: string
  /** Why: our words for the code, else the server's own. */
  why?: string
  /** What to do. */
  help?: string
  requestId?: string
}

/** The words for statuses whose code has none of its own. */
function statusKey(status: number): string {
  if (status === 0) return 'app.unexpected'
  if (status >= 500) return 'http.server'
  return [400, 401, 403, 404, 409, 412, 413, 429].includes(status)
    ? `http.${status}`
    : 'http.other'
}

/**
 * Puts any error into the reader's words. A code has up to three messages in `problems.json`, or in `failures.json` if it is no server's, all
 * optional: `<code>.title`, `<code>.why`, `<code>.help` (dots in the code nest).
 */
export function useProblem() {
  const { t, te, locale } = useI18n()

  return (error: unknown): ProblemText => {
    const problem = toProblem(error)
    const find = (part: string, ...codes: string[]) => {
      const key = codes
        .flatMap(code => [`problems.${code}.${part}`, `failures.${code}.${part}`])
        .find(key => te(key) || te(key, 'en'))
      return key && t(key, { seconds: problem.retryAfter ?? '', said: problem.detail ?? '' })
    }
    const generic = statusKey(problem.status)
    const known = find('title', problem.code)
    // The server speaks English: its own words are for those who read that, or when there are no others.
    const said = known === undefined || locale.value === 'en'
      ? problem.detail
      : undefined
    return {
      problem,
      title: known ?? find('title', generic) ?? problem.title,
      why: find('why', problem.code) ?? said ?? find('why', generic),
      help: find('help', problem.code, generic),
      requestId: problem.requestId,
    }
  }
}
