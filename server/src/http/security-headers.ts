import fp from 'fastify-plugin'

export const securityHeadersPlugin = fp<{ publicUrl: string }>(async () => {}, { name: 'security-headers' })
