import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import type { DownloadTicket } from './downloads.service.ts'
import { readCookie, setCookie } from '../../http/cookies.ts'
import { PROOF_SECONDS, proofCookie } from './downloads.cookies.ts'

/** Gives the browser what it has to bring to the ticket's address. */
export function setProofCookie(reply: FastifyReply, config: Config, { url, proof }: DownloadTicket): void {
  if (proof === undefined) return
  setCookie(reply, config, proofCookie, proof, { path: new URL(url).pathname, maxAge: PROOF_SECONDS })
}

/** What a request brings to show that it comes from whom a ticket was made for. */
export function proofsOf(request: FastifyRequest, config: Config): string[] {
  return [
    request.headers['x-link-grant'],
    readCookie(request, config, proofCookie),
  ].filter(proof => typeof proof === 'string')
}
