import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Somebody has a session with the page from which this request came: where that page is, is where people come to. */
    notePageOf: (request: FastifyRequest) => void
  }
}

/** Says once in the log that people come to another address than the one that every link begins with; the web app tells operators by itself. */
export const publicAddressPlugin = fp<{ publicUrl: string }>(async (app, { publicUrl }) => {
  let told = false
  app.decorate('notePageOf', ({ headers, log }) => {
    // Browsers send it with whatever signs somebody in; a program sends none.
    const here = URL.parse(headers.origin ?? '')?.origin ?? 'null'
    if (told || here === 'null' || here === publicUrl) return
    told = true
    log.warn({ here, publicUrl }, 'People are at another address than PUBLIC_URL, with which every link and invitation begins. If they should come to that one, set PUBLIC_URL (or DOMAIN) to it and restart; else tell them the right one')
  })
}, { name: 'public-address' })
