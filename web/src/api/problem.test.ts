import { describe, expect, it } from 'vitest'
import { isAbort, ProblemError, problemFromResponse, setProblemWords, toProblem } from './problem.ts'

function answer(body: unknown, init: ResponseInit & { type?: string } = {}) {
  return new Response(typeof body === 'string'
    ? body
    : JSON.stringify(body), {
    status: 400,
    ...init,
    headers: { 'content-type': init.type ?? 'application/problem+json', ...init.headers },
  })
}

describe('problemFromResponse', () => {
  it('tells what a proxy refuses from what the server refuses, in the proxy\'s words', async () => {
    const page = '<html><head><title>413 Request Entity Too Large</title><style>h1 { color: red }</style></head>\r\n<body><center>nginx/1.26.2</center></body></html>'
    const proxy = await problemFromResponse(answer(page, { status: 413, type: 'text/html' }))
    expect(proxy).toMatchObject({ code: 'proxy.413', detail: '413 Request Entity Too Large nginx/1.26.2' })
    const ours = await problemFromResponse(answer({ title: 'Too large', code: 'file.too_large', detail: 'At most 5 GB.' }, { status: 413 }))
    expect(ours).toMatchObject({ code: 'file.too_large', detail: 'At most 5 GB.' })
    const silent = await problemFromResponse(answer('', { status: 504, statusText: 'Gateway Timeout', type: 'text/plain' }))
    expect(silent).toMatchObject({ code: 'proxy.504', detail: '504 Gateway Timeout', isTransient: true })
  })

  it('reads every member of RFC 9457 and ours', async () => {
    const problem = await problemFromResponse(answer({
      type: 'about:blank',
      title: 'The request is not valid',
      status: 400,
      detail: 'Two fields are wrong.',
      code: 'request.invalid',
      requestId: 'r-1',
      errors: [
        { pointer: '/email', detail: 'is not an address' },
        { pointer: '/address/city', detail: 'is missing' },
        null,
        { detail: 'no pointer' },
      ],
    }))
    expect(problem).toMatchObject({
      status: 400,
      code: 'request.invalid',
      detail: 'Two fields are wrong.',
      requestId: 'r-1',
      isTransient: false,
    })
    expect(problem.formErrors).toEqual([
      { name: 'email', message: 'is not an address' },
      { name: 'address.city', message: 'is missing' },
    ])
  })

  it('keeps what a code carries beyond the standard', async () => {
    const problem = await problemFromResponse(answer({
      title: 'Locked',
      code: 'link.locked',
      gates: ['password'],
    }, { status: 401 }))
    expect(problem.body.gates).toEqual(['password'])
  })

  it('makes a problem of a proxy\'s page, of broken JSON and of nothing', async () => {
    const html = await problemFromResponse(answer('<h1>Bad gateway</h1>', { status: 502, statusText: 'Bad Gateway', type: 'text/html' }))
    expect(html).toMatchObject({
      status: 502,
      code: 'proxy.502',
      title: 'Bad Gateway',
      detail: '502 Bad gateway',
      isTransient: true,
      errors: [],
    })
    const cut = await problemFromResponse(answer('{"code":"x', { status: 500 }))
    expect(cut).toMatchObject({ status: 500, code: 'http.500' })
    const wrong = await problemFromResponse(answer('"text"', { status: 500 }))
    expect(wrong.code).toBe('http.500')
  })

  it('takes the request id and the wait from headers', async () => {
    const problem = await problemFromResponse(answer({ code: 'rate.limited' }, {
      status: 429,
      headers: { 'x-request-id': 'h-1', 'retry-after': '12' },
    }))
    expect(problem).toMatchObject({ requestId: 'h-1', retryAfter: 12, isTransient: true })
  })

  it('has the words for problems with the first one, asks for them again where they did not come, and does without', async () => {
    let asked = 0
    setProblemWords(async () => {
      asked++
      if (asked === 1) throw new TypeError('Failed to fetch dynamically imported module')
    })
    for (const times of [1, 2, 2]) {
      expect(await problemFromResponse(answer({ code: 'conflict', title: 'Taken' }, { status: 409 }))).toMatchObject({ code: 'conflict', title: 'Taken' })
      expect(asked).toBe(times)
    }
  })
})

describe('toProblem', () => {
  it('names what happened on the way', () => {
    expect(toProblem(new DOMException('late', 'TimeoutError')).code).toBe('network.timeout')
    expect(toProblem(new TypeError('Failed to fetch')).code).toBe('network.unreachable')
    expect(toProblem(new TypeError('NetworkError when attempting to fetch resource.')).code).toBe('network.unreachable')
  })

  it('does not take a mistake in our code for a lost network', () => {
    const problem = toProblem(new TypeError('x is undefined'))
    expect(problem).toMatchObject({ code: 'app.unexpected', status: 0, detail: 'x is undefined' })
  })

  it('leaves a problem as it is, and knows an abort', () => {
    const problem = new ProblemError({
      type: 'about:blank',
      title: 't',
      status: 404,
      code: 'not_found',
      errors: [],
    })
    expect(toProblem(problem)).toBe(problem)
    expect(isAbort(new DOMException('stop', 'AbortError'))).toBe(true)
    expect(isAbort(problem)).toBe(false)
  })
})
