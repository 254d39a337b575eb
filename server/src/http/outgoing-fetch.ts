import type { LookupAddress } from 'node:dns'
import type { IncomingMessage } from 'node:http'
import type { LookupFunction } from 'node:net'
import { Buffer } from 'node:buffer'
import { lookup } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Why nothing was fetched, in words for whoever gave the address. */
export class OutgoingError extends Error {
  override name = 'OutgoingError'
}

export interface OutgoingRequest {
  method?: string
  headers?: Record<string, string>
  body?: string | URLSearchParams | Uint8Array | null
  signal?: AbortSignal
}
export type OutgoingFetch = (url: string, request?: OutgoingRequest) => Promise<Response>

const MAX_BYTES = 2 ** 20
const TIMEOUT_MS = 10_000

/** Reached by everybody on the internet alike: nothing of this machine, of its network, or of whoever hosts it. */
export const isPublicAddress = (address: string): boolean => ipaddr.process(address).range() === 'unicast'

/**
 * Fetches from an address that somebody typed in. The host's addresses are judged as they are connected to, so that no name can be one thing when it is looked at
 * and another when it is used. No redirect is followed, an answer has 1 MiB at most and ten seconds.
 * @param allowsPrivate whether it may be a machine of one's own network: for what operators typed alone. Without TLS it has to be one.
 * @throws {OutgoingError} from the call
 */
export function createOutgoingFetch({ allowsPrivate }: { allowsPrivate: boolean }): OutgoingFetch {
  function faultOf(addresses: readonly string[], isSecure: boolean): string | undefined {
    const isPublic = addresses.map(isPublicAddress)
    if (!allowsPrivate && isPublic.includes(false)) return 'is in a private network'
    if (!isSecure && (!allowsPrivate || isPublic.includes(true))) return 'is not reached by https'
    return undefined
  }

  return async (url, { method = 'GET', headers = {}, body, signal } = {}) => {
    const target = URL.parse(url)
    if (!target || (target.protocol !== 'https:' && target.protocol !== 'http:')) throw new OutgoingError('This is no address of the web')
    const isSecure = target.protocol === 'https:'
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1')
    const refuse = (fault: string) => new OutgoingError(`${target.host} ${fault}`)
    // What is no name is not looked up.
    const fault = isIP(host) === 0
      ? undefined
      : faultOf([host], isSecure)
    if (fault !== undefined) throw refuse(fault)

    const lookUp: LookupFunction = (name, options, done) => lookup(name, { ...options, all: true }, (error, found) => {
      const addresses = (found as LookupAddress[] | undefined) ?? []
      const wrong = error ?? (faultOf(addresses.map(({ address }) => address), isSecure) === undefined
        ? null
        : refuse(faultOf(addresses.map(({ address }) => address), isSecure)!))
      if (wrong) done(wrong, '')
      else if (options.all) done(null, addresses)
      else done(null, addresses[0]!.address, addresses[0]!.family)
    })
    const sent = body instanceof URLSearchParams
      ? body.toString()
      : body
    const deadline = AbortSignal.timeout(TIMEOUT_MS)
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        (isSecure ? https : http).request(target, {
          method,
          headers: {
            ...headers,
            // What is decompressed could be of any size.
            'accept-encoding': 'identity',
            ...(sent == null
              ? {}
              : {
                  'content-length': String(Buffer.byteLength(sent)),
                }),
          },
          agent: false,
          lookup: lookUp,
          signal: signal
            ? AbortSignal.any([signal, deadline])
            : deadline,
        }, resolve).on('error', reject).end(sent)
      })
      const chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > MAX_BYTES) throw refuse('sends too much')
        chunks.push(chunk)
      }
      const status = answer.statusCode!
      return new Response([101, 204, 205, 304].includes(status)
        ? null
        : Buffer.concat(chunks), {
        status,
        headers: Object.entries(answer.headers).flatMap(([name, value]) => [value ?? []].flat().map((each): [string, string] => [name, each])),
      })
    }
    catch (error) {
      if (error instanceof OutgoingError) throw error
      throw new OutgoingError(`${target.host} does not answer as it should (${deadline.aborted
        ? 'too slow'
        : (error as NodeJS.ErrnoException).code ?? (error as Error).message})`, { cause: error })
    }
  }
}
