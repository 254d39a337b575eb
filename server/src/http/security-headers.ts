import fp from 'fastify-plugin'

/** What the web app needs from its own origin, and nothing else. Styles inline: components set them on elements. WebAssembly: uploads are hashed by it. */
const contentSecurityPolicy = (alsoTo = '') => [
  'default-src \'none\'',
  'script-src \'self\' \'wasm-unsafe-eval\'',
  'style-src \'self\' \'unsafe-inline\'',
  'img-src \'self\' data: blob:',
  'font-src \'self\'',
  `connect-src 'self'${alsoTo}`,
  'worker-src \'self\'',
  'manifest-src \'self\'',
  'base-uri \'none\'',
  'form-action \'self\'',
  'frame-ancestors \'none\'',
].join('; ')

/** Of a page that may tell somebody else of a visit, too. */
export const countedPagePolicy = (analyticsUrl: string): string => contentSecurityPolicy(` ${analyticsUrl}`)

/** Passkeys are for our own pages alone. */
const PERMISSIONS_POLICY = [
  'camera',
  'display-capture',
  'geolocation',
  'microphone',
  'payment',
  'usb',
].map(feature => `${feature}=()`).concat('publickey-credentials-create=(self)', 'publickey-credentials-get=(self)').join(', ')

const YEAR_SECONDS = 31_536_000
export const STRICT_TRANSPORT_SECURITY = `max-age=${YEAR_SECONDS}`

/** Of the web app's files too, whoever sends them: the bundled proxy's rules are made from these (scripts/caddy-rules.ts). */
export const SECURITY_HEADERS = {
  'content-security-policy': contentSecurityPolicy(),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': PERMISSIONS_POLICY,
}

/**
 * On every response, before anything can fail. A route may set its own: a download narrows the policy, a file of the web app may be
 * cached. There are no CORS headers: no other origin reads anything here.
 */
export const securityHeadersPlugin = fp<{ publicUrl: string }>(async (app, { publicUrl }) => {
  const always = {
    ...SECURITY_HEADERS,
    'cache-control': 'no-store',
    ...(publicUrl.startsWith('https://')
      ? { 'strict-transport-security': STRICT_TRANSPORT_SECURITY }
      : {}),
  }
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(always)
  })
}, { name: 'security-headers' })
