import type { FastifyInstance } from 'fastify'

/** Which methods an address has, for answers to those that it has not. */
export interface KnownPaths {
  /** @param path without a query; empty where nothing is. */
  methodsOf: (path: string) => string[]
  /** Whether a route without parameters has this path: then it is no other route's, whatever a parameter would take. */
  isFixed: (path: string) => boolean
}

/** Learns every route that is registered from now on; a catch-all says nothing about an address. */
export function learnPaths(app: FastifyInstance): KnownPaths {
  const known = new Map<string, { pattern: RegExp, methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    if (url.endsWith('*')) return
    const entry = known.get(url) ?? {
      pattern: new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:[^/]+/g, '[^/]+')}$`),
      methods: new Set(),
    }
    known.set(url, entry)
    for (const each of [method].flat()) entry.methods.add(each)
  })
  return {
    isFixed: path => known.has(path),
    methodsOf(path) {
      const fixed = known.get(path)
      const fitting = fixed
        ? [fixed]
        : [
            ...known.values(),
          ].filter(({ pattern }) => pattern.test(path))
      return [
        ...new Set(fitting.flatMap(({ methods }) => [...methods])),
      ].sort()
    },
  }
}

/**
 * Addresses that readers take for different ones: with empty or dotted segments, or a slash that is not a separator. Browsers send none
 * of them. The bundled proxy's rules are made from the same (scripts/caddy-rules.ts).
 */
export const AMBIGUOUS_ADDRESS = /^[^?]*(?:\/\/|%2f|%5c|\\|\/(?:\.|%2e){1,2}(?:[/?;]|$))/i

/** @param url as in the request line, of which one that goes to a proxy begins with the scheme and the host */
export const isAmbiguous = (url: string): boolean => AMBIGUOUS_ADDRESS.test(url.replace(/^https?:\/\/[^/?]*/i, ''))
