import type { FastifyReply, FastifyRequest } from 'fastify'
import type { DownloadTicket } from './downloads.service.ts'

const COOKIE = 'clientshare-download'

/** Gives the browser what it has to bring to the ticket's address. */
export function setProofCookie(reply: FastifyReply, { url, proof }: DownloadTicket): void {
  if (proof === undefined) return
  const { pathname, protocol } = new URL(url)
  reply.setCookie(COOKIE, proof, {
    path: pathname,
    httpOnly: true,
    sameSite: 'strict',
    secure: protocol === 'https:',
    maxAge: 24 * 3600,
  })
}

/** What a request brings to show that it comes from whom a ticket was made for. */
export function proofsOf({ headers, cookies }: FastifyRequest): string[] {
  return [headers['x-link-grant'], cookies[COOKIE]].filter(proof => typeof proof === 'string')
}
