import type { FastifyRequest } from 'fastify'
import type { ByteRange, ObjectLocation } from '../../storage/storage.ts'
import { unavailable } from '../../errors/common-errors.ts'
import { problemOf } from '../../http/problem.ts'

/**
 * Whether the request came by a proxy that fetches the bytes of an `X-Accel-Redirect` itself. Only a trusted one is asked: the address
 * of the store is in the answer. Fastify lists more than the peer's own address only when that peer is trusted.
 */
export function takesHandOver({ headers, ips = [] }: Pick<FastifyRequest, 'headers' | 'ips'>): boolean {
  return headers['x-sendfile-type'] === 'X-Accel-Redirect' && ips.length > 1
}

/** What tells the bundled Caddy (docker/downloads.caddy) to send these bytes of an object of `size` bytes under the headers beside them. */
export function handOverHeaders(location: ObjectLocation, { start, end }: ByteRange, size: number, requestId: string): Record<string, string> {
  return {
    ...placeOf(location),
    'x-accel-range': `bytes=${start}-${end}`,
    'x-accel-content-range': `bytes ${start}-${end}/${size}`,
    'x-accel-length': String(end - start + 1),
    'x-accel-problem': JSON.stringify(problemOf(unavailable(), requestId)),
  }
}

function placeOf(location: ObjectLocation): Record<string, string> {
  if (location.kind === 'file') {
    return {
      'x-accel-store': 'file',
      'x-accel-redirect': location.path.replaceAll('\\', '/'),
    }
  }
  const { protocol, host, hostname, port, pathname, search } = location.url
  return {
    'x-accel-store': protocol === 'https:'
      ? 'https'
      : 'http',
    'x-accel-redirect': `${pathname}${search}`,
    'x-accel-host': host,
    'x-accel-dial': `${hostname}:${port || (protocol === 'https:'
      ? 443
      : 80)}`,
  }
}
