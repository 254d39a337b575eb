import type { FastifyInstance } from 'fastify'

/** Which methods an address has, for answers to those that it has not. */
export interface KnownPaths {
  /** @param path without a query; empty where nothing is. */
  methodsOf: (path: string) => string[]
}

/** Learns every route that is registered from now on; a catch-all says nothing about an address. */
export function learnPaths(app: FastifyInstance): KnownPaths {
  const known = new Map<string, { pattern: RegExp, methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    if (url.endsWith('*')) return
    const source = `^${url.split('/').map(segment => segment.startsWith(':')
      ? '[^/]+'
      : segment.replaceAll('.', '\\.')).join('/')}$`
    const entry = known.get(source) ?? {
      pattern: new RegExp(source),
      methods: new Set(),
    }
    known.set(source, entry)
    for (const each of [method].flat()) entry.methods.add(each)
  })
  return {
    methodsOf: path => [
      ...new Set([
        ...known.values(),
      ].filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods])),
    ].sort(),
  }
}

/**
 * Addresses that readers take for different ones: with empty or dotted segments, or a slash that is not a separator. Browsers send none
 * of them. The bundled proxy's rules are made from the same (scripts/caddy-rules.ts).
 */
export const AMBIGUOUS_ADDRESS = /^[^?]*(?:\/\/|%2f|%5c|\\|\/(?:\.|%2e){1,2}(?:[/?;]|$))/i

/** @param url as in the request line, of which one that goes to a proxy begins with the scheme and the host */
export const isAmbiguous = (url: string): boolean => AMBIGUOUS_ADDRESS.test(url.replace(/^https?:\/\/[^/?]*/i, ''))
