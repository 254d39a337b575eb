import type { FastifyRequest } from 'fastify'
import { existsSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import fp from 'fastify-plugin'
import { countedPagePolicy } from './security-headers.ts'

/**
 * What the web app's addresses are, by their path without its first slash. The bundled proxy's rules are made from the same
 * (scripts/caddy-rules.ts), so the patterns keep to what Go's regular expressions read too.
 */
export const WEB_APP = {
  /** Hashed by their content. */
  immutable: 'public, max-age=31536000, immutable',
  hashed: /^assets\//,
  /** Kept, but asked for again each time: they name the hashed files of one release. */
  revalidate: 'no-cache',
  /** Compressed copies, source maps, dot files. */
  hidden: /\.(?:br|gz|map)$|(?:^|\/)\.[^/]*$/,
  /** Sent as pages, not under their own names. */
  html: /\.html$/,
  /** Never a page: policies as Markdown, and the feed of them, are the server's. */
  reserved: /^(?:api|assets|healthz|readyz)(?:\/|$)|^policies\/(?:feed\.xml|(?:w\/[^/]+\/)?[^/]+\.md)$/,
  /** Pages of people without an account; the same as in `web/src/visitor/paths.ts`. */
  visitor: /^(?:s|policies|contact|requests|home)(?:\/|$)/,
  /** Pages for everybody, whose visits may be counted (ANALYTICS): their addresses hold no secret, nor the names of workspaces (`/policies/w/…`). The same as in `web/src/visitor/paths.ts`. */
  counted: /^(?:(?:contact|home)(?:\/|$)|policies(?:\/?$|\/[^/]{2,}(?:\/|$)))/,
  /** Kept out of search engines. */
  unlisted: /^(?:(?:s|invite|unsubscribe)\/|requests(?:\/|$))/,
  /** Scripts and images ask for anything: a missing one must not get a page. */
  asksForPage: /\btext\/html\b/,
  asksForAnything: /\*\/\*/,
  extension: /\.[^/]*$/,
}

/** Serves the built web app: its files, and for every address that is a page of it index.html or, to visitors, visitor.html. Without a build: nothing. */
export const webAppPlugin = fp<{ webDir: string, analyticsUrl: string | undefined }>(async (app, { webDir, analyticsUrl }) => {
  if (webDir === '' || !existsSync(join(webDir, 'index.html'))) return
  // Only what was there at the start is ever sent: no address, however it is written, leads anywhere else.
  const files = new Set(readdirSync(webDir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !WEB_APP.hidden.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name).slice(join(webDir, sep).length).replaceAll(sep, '/')))

  await app.register(fastifyStatic, {
    root: webDir,
    serve: false,
    index: false,
    cacheControl: false,
    preCompressed: true,
  })

  app.get('/*', {
    config: { access: 'public' },
    logLevel: 'warn',
    schema: { hide: true },
  }, (request, reply) => {
    const path = (request.params as { '*': string })['*']
    if (files.has(path) && !WEB_APP.html.test(path)) {
      return reply
        .header('cache-control', WEB_APP.hashed.test(path)
          ? WEB_APP.immutable
          : WEB_APP.revalidate)
        .sendFile(path)
    }
    if (!isPage(path, request)) return reply.callNotFound()
    if (WEB_APP.unlisted.test(path)) reply.header('x-robots-tag', 'noindex')
    if (analyticsUrl !== undefined && WEB_APP.counted.test(path)) reply.header('content-security-policy', countedPagePolicy(analyticsUrl))
    return reply.header('cache-control', WEB_APP.revalidate).sendFile(WEB_APP.visitor.test(path) && files.has('visitor.html')
      ? 'visitor.html'
      : 'index.html')
  })
}, { name: 'web-app' })

/** Whether an address may be one of the web app's own pages; which ones there are, its router knows. */
function isPage(path: string, request: FastifyRequest): boolean {
  if (WEB_APP.reserved.test(path)) return false
  const accept = request.headers.accept ?? '*/*'
  return WEB_APP.asksForPage.test(accept) || (WEB_APP.asksForAnything.test(accept) && !WEB_APP.extension.test(path))
}
