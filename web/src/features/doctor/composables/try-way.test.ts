import { describe, expect, it } from 'vitest'
import { problemFromResponse, toProblem } from '../../../api/problem.ts'
import { outcomeOf } from './try-way.ts'

const answered = async (status: number, type: string, body: string) => outcomeOf(await problemFromResponse(new Response(body, {
  status,
  headers: { 'content-type': type },
})), 3)

describe('what a failure says of the way to the server', () => {
  it('is that something on it refused, when the answer is none of ours', async () => {
    expect(await answered(413, 'text/html', '<h1>413 Request Entity Too Large</h1>')).toEqual({ end: 'refused', seconds: 3, status: 413 })
    expect(await answered(504, 'text/html', '')).toEqual({ end: 'refused', seconds: 3, status: 504 })
    expect(await answered(408, 'application/json', '{"error":"too slow"}')).toEqual({ end: 'refused', seconds: 3, status: 408 })
  })

  it('is nothing, when the server itself refused', async () => {
    expect(await answered(503, 'application/problem+json', '{"code":"service.unavailable"}')).toMatchObject({
      end: 'unanswered',
      problem: { code: 'service.unavailable' },
    })
  })

  it('is that the connection was broken, when there was no answer', () => {
    expect(outcomeOf(toProblem(new TypeError('Failed to fetch')), 61)).toEqual({ end: 'cut', seconds: 61 })
    expect(outcomeOf(toProblem(new DOMException('', 'TimeoutError')), 600)).toEqual({ end: 'cut', seconds: 600 })
  })
})
