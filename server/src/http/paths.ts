import type { FastifyInstance } from 'fastify'

/** Which methods an address has, for answers to those that it has not. */
export interface KnownPaths {
  /** @param path without a query; empty where nothing is. */
  methodsOf: (path: string) => string[]
  /** Whether another route has a word where this one has a parameter, and the path that word: then it is that one's, whatever the parameter would take. */
  isOthers: (route: string, path: string) => boolean
}

/** Learns every route that is registered from now on; a catch-all says nothing about an address. */
export function learnPaths(app: FastifyInstance): KnownPaths {
  const known = new Map<string, { pattern: RegExp, parameters: number, methods: Set<string> }>()
  const moreExact = new Map<string, RegExp[]>()
  app.addHook('onRoute', ({ url, method }) => {
    if (url.endsWith('*')) return
    const entry = known.get(url) ?? {
      pattern: new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:[^/]+/g, '[^/]+')}$`),
      parameters: url.split('/:').length - 1,
      methods: new Set(),
    }
    known.set(url, entry)
    for (const each of [method].flat()) entry.methods.add(each)
  })
  function findMoreExact(route: string): RegExp[] {
    const own = known.get(route)
    return own
      ? [...known].filter(([url, { parameters }]) => parameters < own.parameters && own.pattern.test(url)).map(([, { pattern }]) => pattern)
      : []
  }
  return {
    isOthers(route, path) {
      const others = moreExact.get(route) ?? findMoreExact(route)
      moreExact.set(route, others)
      return others.some(pattern => pattern.test(path))
    },
    methodsOf(path) {
      const fitting = [
        ...known.values(),
      ].filter(({ pattern }) => pattern.test(path))
      const fewest = Math.min(...fitting.map(({ parameters }) => parameters))
      return [
        ...new Set(fitting.filter(({ parameters }) => parameters === fewest).flatMap(({ methods }) => [...methods])),
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
