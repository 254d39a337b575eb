import type { Raw } from './fragment.ts'
import { Type } from 'typebox'
import { Errors } from 'typebox/value'
import { defineFragment, originOf, setting, withoutScheme } from './fragment.ts'
import { splitList, unknownProxies } from './trusted-proxies.ts'

const settings = {
  port: Type.Integer({
    ...setting('PORT', 'Port to listen on'),
    minimum: 0,
    maximum: 65535,
    default: 3000,
  }),
  host: Type.String({
    ...setting('HOST', 'Address to listen on; 0.0.0.0 for every interface'),
    default: 'localhost',
  }),
  dataDir: Type.String({
    ...setting('DATA_DIR', 'Folder for everything this server keeps on disk'),
    default: './data',
  }),
  publicUrl: Type.String({
    ...setting('PUBLIC_URL', 'The address that people type, without a path; links are built from it alone', false, withoutScheme),
    pattern: '^https?://[^/?#]+$',
    default: '',
  }),
  domain: Type.String({
    ...setting('DOMAIN', 'The name that the bundled proxy serves by HTTPS; PUBLIC_URL is then https://DOMAIN unless it is set'),
    pattern: '^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$',
    default: '',
  }),
  publicPort: Type.String({
    ...setting('PUBLIC_PORT', 'Where a proxy in front of a server on this machine answers (8080 or 127.0.0.1:8080); without PUBLIC_URL and DOMAIN, PUBLIC_URL is made of it'),
    pattern: '^(?:[^/]*:)?[0-9]{1,5}$',
    default: '',
  }),
  trustedProxies: Type.String({
    ...setting('TRUSTED_PROXIES', 'Proxies whose X-Forwarded-* is believed: addresses, networks (CIDR) and private_ranges anywhere on the way; loopback, linklocal and uniquelocal only as the one that connects to this server. Separated by spaces or commas; for docker compose, whose Caddy reads it too, without these three words'),
    default: '',
  }),
  processMode: Type.Union([
    Type.Literal('all'),
    Type.Literal('web'),
    Type.Literal('worker'),
  ], {
    ...setting('PROCESS_MODE', 'all, web (requests only) or worker (jobs only)'),
    default: 'all',
  }),
  logLevel: Type.Union([
    'fatal',
    'error',
    'warn',
    'info',
    'debug',
    'trace',
    'silent',
  ].map(level => Type.Literal(level)), {
    ...setting('LOG_LEVEL', 'fatal, error, warn, info, debug, trace or silent'),
    default: 'info',
  }),
  webDir: Type.String({
    ...setting('WEB_DIR', 'Folder of the built web app; without one there, the server has the API only'),
    default: '',
  }),
  bodyIdleSeconds: Type.Integer({
    ...setting('BODY_IDLE_SECONDS', 'A request body that sends nothing for so long is ended'),
    minimum: 1,
    maximum: 3600,
    default: 30,
  }),
  drainSeconds: Type.Integer({
    ...setting('DRAIN_SECONDS', 'How long transfers under way may go on after a stop signal'),
    minimum: 0,
    maximum: 3600,
    default: 8,
  }),
  secretsDir: Type.String({
    ...setting('SECRETS_DIR', 'Folder with a file for each secret that is set in no other way, named as the setting in lower case'),
    default: '',
  }),
}

/** Where the process listens, how it is reached, and how it runs. */
export const serverSettings = defineFragment({
  settings,
  mayBeEmpty: [
    'domain',
    'publicPort',
    'secretsDir',
    'trustedProxies',
    'webDir',
  ],
  complete(raw, defaults) {
    raw.publicUrl = originOf(String(raw.publicUrl || addressBy(raw)))
    raw.webDir ||= defaults.webDir ?? ''
  },
  check: raw => unknownProxies(splitList(String(raw.trustedProxies))).map(entry => `TRUSTED_PROXIES has “${entry}”, which is no address, no network and none of the words.`),
})

/** A DOMAIN that is none is told of as such, not also as an address. */
function addressBy({ domain, publicPort, port }: Raw): string {
  return domain && Errors(settings.domain, domain).length === 0
    ? `https://${String(domain)}`
    : `http://localhost:${String(publicPort || port).split(':').at(-1)}`
}
