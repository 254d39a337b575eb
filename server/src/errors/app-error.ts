import type { ErrorCode } from './error-codes.ts'

/** One problem with one place in the request, RFC 9457 §3 extension member `errors`. */
export interface FieldProblem {
  /** JSON pointer (RFC 6901) into the body, or the name of the query or path parameter. */
  pointer: string
  detail: string
}

export interface AppErrorOptions {
  code: ErrorCode
  status: number
  title: string
  detail?: string
  fields?: FieldProblem[]
  /** Extra members of the problem document, for example the gates of a locked link. */
  extra?: Record<string, unknown>
  /** Seconds, sent as Retry-After. */
  retryAfter?: number
  cause?: unknown
}

/** An error that may be shown to a caller. Everything else is a 500 whose message stays in the log. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly title: string
  readonly detail: string | undefined
  readonly fields: FieldProblem[] | undefined
  readonly extra: Record<string, unknown> | undefined
  readonly retryAfter: number | undefined

  constructor(options: AppErrorOptions) {
    super(options.detail ?? options.title, { cause: options.cause })
    this.name = 'AppError'
    this.code = options.code
    this.status = options.status
    this.title = options.title
    this.detail = options.detail
    this.fields = options.fields
    this.extra = options.extra
    this.retryAfter = options.retryAfter
  }
}

type ErrorInput = Omit<AppErrorOptions, 'code' | 'status' | 'title'>

export interface ErrorFactory {
  (options?: string | ErrorInput): AppError
  readonly code: ErrorCode
  /** The same code with another status: what is wrong is the same, whose fault it is is not. */
  as: (status: number, title?: string) => ErrorFactory
}

const taken = new Set<ErrorCode>()

/** Makes the factory for one public error code: `const nameTaken = defineError('item.name_taken', 409, 'Name taken')`. */
export function defineError(code: ErrorCode, status: number, title: string): ErrorFactory {
  if (taken.has(code)) throw new Error(`${code} is defined already`)
  taken.add(code)
  return factory(code, status, title)
}

function factory(code: ErrorCode, status: number, title: string): ErrorFactory {
  const make = (options: string | ErrorInput = {}) => new AppError({
    code,
    status,
    title,
    ...(typeof options === 'string'
      ? { detail: options }
      : options),
  })
  return Object.assign(make, {
    code,
    as: (otherStatus: number, otherTitle = title) => factory(code, otherStatus, otherTitle),
  })
}
