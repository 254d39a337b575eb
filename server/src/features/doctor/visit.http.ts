import type { FastifyRequest } from 'fastify'
import type { Visit } from './examine-visit.ts'
import { addressIn } from '../../config/trusted-proxies.ts'
import { clientAddressOf } from '../../http/client-address.ts'

/** How a request came, by what believed proxies tell and what others tried to. */
export function visitOf(request: FastifyRequest): Visit {
  const { ip, ips = [ip], headers } = request
  return {
    address: clientAddressOf(request),
    neighbour: ips[0]!,
    isBelieved: ips.length > 1,
    isReadable: addressIn(ip) !== undefined,
    isForwarded: headers['x-forwarded-for'] !== undefined,
  }
}
