/** One wrong field of a request; `pointer` is a JSON pointer (RFC 6901) into its body. */
export interface ProblemField {
  pointer: string
  detail: string
  code?: string
}

/** An error answer of the server (RFC 9457), or a failure on the way to it in the same shape. */
export interface Problem {
  type: string
  title: string
  /** The HTTP status; 0 when there was no answer. */
  status: number
  detail?: string
  code: string
  requestId?: string
  errors: ProblemField[]
  /** Seconds that the server asks to wait, from Retry-After. */
  retryAfter?: number
}

export class ProblemError extends Error implements Problem {
  override readonly name = 'ProblemError'
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly code: string
  readonly requestId?: string
  readonly errors: ProblemField[]
  readonly retryAfter?: number
  /** The whole answer, for the codes that carry more (`link.locked` names its gates). */
  readonly body: Record<string, unknown>

  constructor(problem: Problem, body: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(problem.detail ?? problem.title, options)
    this.type = problem.type
    this.title = problem.title
    this.status = problem.status
    this.detail = problem.detail
    this.code = problem.code
    this.requestId = problem.requestId
    this.errors = problem.errors
    this.retryAfter = problem.retryAfter
    this.body = body
  }

  /** Worth trying again as it is. */
  get isTransient() {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }

  /** The errors by form field, as UForm's `setErrors` takes them: `/address/city` → `address.city`. */
  get formErrors() {
    return this.errors.map(({ pointer, detail }) => ({
      name: pointer.replace(/^#?\//, '').replaceAll('/', '.'),
      message: detail,
    }))
  }
}

const text = (value: unknown) => typeof value === 'string' && value !== ''
  ? value
  : undefined

function parseFields(value: unknown): ProblemField[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry: Record<string, unknown> | null) => {
    const pointer = entry?.pointer
    return typeof pointer === 'string'
      ? [
          {
            pointer,
            detail: text(entry?.detail) ?? text(entry?.message) ?? '',
            code: text(entry?.code),
          },
        ]
      : []
  })
}

function parseRetryAfter(header: string | null): number | undefined {
  if (!header) return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds)
  const at = Date.parse(header)
  return Number.isNaN(at)
    ? undefined
    : Math.max(0, Math.ceil((at - Date.now()) / 1000))
}

/** Statuses that a proxy in between gives in its own name. */
const proxyStatuses = [413, 502, 503, 504]

/** What a page or a line of text says, in so many characters that it can be shown. */
const plainText = (page: string) => page
  .replaceAll(/<(script|style)\b.*?<\/\1>/gis, ' ')
  .replaceAll(/<[^>]*>/g, ' ')
  .replaceAll(/\s+/g, ' ')
  .trim()
  .slice(0, 200)

let words: (() => Promise<void>) | undefined
let asked: Promise<void> | undefined

/** Called once by an app whose words for problems come with the first of them. */
export function setProblemWords(load: () => Promise<void>) {
  words = load
}

/** Before a problem is made by one of the server's codes. Without them the server's own, in English, have to do. */
export async function haveProblemWords(): Promise<void> {
  asked ??= words?.()
  await asked?.catch(() => { asked = undefined })
}

/**
 * Reads an answer that is not 2xx. What has no code was not said by our server: `proxy.<status>` where a proxy in between gives that status
 * in its own name, with its words as the detail, else `http.<status>`.
 */
export async function problemFromResponse(response: Response): Promise<ProblemError> {
  let body: Record<string, unknown> = {}
  if (/\bjson\b/.test(response.headers.get('content-type') ?? '')) {
    const parsed: unknown = await response.json().catch(() => null)
    if (parsed && typeof parsed === 'object') body = parsed as Record<string, unknown>
  }
  const isProxy = !text(body.code) && proxyStatuses.includes(response.status)
  if (isProxy) {
    const said = response.bodyUsed
      ? ''
      : plainText(await response.text().catch(() => ''))
    body = {
      code: `proxy.${response.status}`,
      detail: said.includes(String(response.status))
        ? said
        : `${response.status} ${said || response.statusText}`.trim(),
    }
  }
  await haveProblemWords()
  return new ProblemError({
    type: text(body.type) ?? 'about:blank',
    title: text(body.title) ?? response.statusText,
    status: response.status,
    detail: text(body.detail),
    code: text(body.code) ?? `http.${response.status}`,
    requestId: text(body.requestId) ?? text(response.headers.get('x-request-id')),
    errors: parseFields(body.errors),
    retryAfter: parseRetryAfter(response.headers.get('retry-after')),
  }, body)
}

/** Makes a problem of anything thrown. An abort that the caller asked for stays what it is. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const name = error instanceof Error
    ? error.name
    : ''
  const code = name === 'TimeoutError'
    ? 'network.timeout'
    : error instanceof TypeError && /fetch|network|load failed/i.test(error.message)
      ? 'network.unreachable'
      : 'app.unexpected'
  const detail = code === 'app.unexpected' && error instanceof Error
    ? error.message
    : undefined
  return new ProblemError({
    type: 'about:blank',
    title: code,
    status: 0,
    detail,
    code,
    errors: [],
  }, {}, { cause: error })
}

export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'
