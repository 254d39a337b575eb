import type { FastifyReply } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import { unavailable } from '../../errors/common-errors.ts'

/** Answers after so long, not a byte before. @param leaving the server goes: it is answered at once @throws {AppError} `service.unavailable` */
export async function keepSilent(reply: FastifyReply, seconds: number, leaving: AbortSignal): Promise<FastifyReply> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  try {
    await sleep(seconds * 1000, undefined, {
      signal: AbortSignal.any([leaving, gone.signal]),
    })
  }
  catch {
    if (!gone.signal.aborted) throw unavailable()
    return reply.hijack()
  }
  return reply.status(204).send(null)
}
