import type { FastifyRequest } from 'fastify'
import { existsSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import fp from 'fastify-plugin'

const IMMUTABLE = 'public, max-age=31536000, immutable'
/** Kept, but asked for again each time: they name the hashed files of one release. */
const REVALIDATE = 'no-cache'

/** Serves the built web app: its files, and for every address that is a page of it index.html or, to visitors, visitor.html. Without a build: nothing. */
export const webAppPlugin = fp<{ webDir: string }>(async (app, { webDir }) => {
  if (webDir === '' || !existsSync(join(webDir, 'index.html'))) return
  // Only what was there at the start is ever sent: no address, however it is written, leads anywhere else.
  const files = new Set(readdirSync(webDir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !/\.(?:br|gz|map)$/.test(entry.name) && !entry.name.startsWith('.'))
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
    if (files.has(path) && !path.endsWith('.html')) {
      return reply
        .header('cache-control', path.startsWith('assets/')
          ? IMMUTABLE
          : REVALIDATE)
        .sendFile(path)
    }
    if (!isPage(path, request)) return reply.callNotFound()
    if (/^(?:s|invite)\//.test(path)) reply.header('x-robots-tag', 'noindex')
    return reply.header('cache-control', REVALIDATE).sendFile(isVisitorPath(path) && files.has('visitor.html')
      ? 'visitor.html'
      : 'index.html')
  })
}, { name: 'web-app' })

/** Pages of people without an account; the same as in `web/src/visitor/paths.ts`. */
const isVisitorPath = (path: string) => /^(?:s|policies)(?:\/|$)/.test(path)

/** Whether an address may be one of the web app's own pages; which ones there are, its router knows. */
function isPage(path: string, request: FastifyRequest): boolean {
  if (/^(?:api|assets|healthz|readyz)(?:\/|$)/.test(path)) return false
  const accept = request.headers.accept ?? '*/*'
  // Scripts and images ask for anything: a missing one must not get a page.
  return /\btext\/html\b/.test(accept) || (/\*\/\*/.test(accept) && !/\.[^/]*$/.test(path))
}
