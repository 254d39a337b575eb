import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { addressIn } from '../config/trusted-proxies.ts'

type Addresses = Pick<FastifyRequest, 'ip' | 'ips'>

/**
 * The client's address, without a port: the farthest that believed proxies told. Where a proxy told something that is none, its own: the
 * nearest that is known.
 */
export function clientAddressOf({ ip, ips = [ip] }: Addresses): string {
  return ips.map(addressIn).findLast(address => address !== undefined) ?? ip
}

/**
 * Tells once of a believed proxy that sends what is no address: until it is set right, its clients are one to all that counts them.
 * @param options.onUnreadable given the proxy's own address
 */
export const clientAddressPlugin = fp<{ onUnreadable: (proxy: string) => Promise<void> }>(async (app, { onUnreadable }) => {
  let told = false
  app.addHook('onRequest', async (request) => {
    if (told || request.ips === undefined || request.ips.length < 2 || addressIn(request.ip) !== undefined) return
    told = true
    const proxy = clientAddressOf(request)
    request.log.warn({ proxy }, 'The X-Forwarded-For of a trusted proxy does not end with an address: all who come by it count as one. Have it send the client’s address, or take it out of TRUSTED_PROXIES')
    await onUnreadable(proxy).catch((error: unknown) => {
      told = false
      request.log.error({ err: error }, 'not noted')
    })
  })
}, { name: 'client-address' })
