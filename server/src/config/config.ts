import type { Static } from 'typebox'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Type } from 'typebox'
import { Errors } from 'typebox/value'
import { splitList, unknownProxies } from './trusted-proxies.ts'

export interface Setting {
  env: string
  description: string
  secret?: boolean
}

const setting = (env: string, description: string, secret = false) => ({
  'x-setting': { env, description, secret } satisfies Setting,
  description,
})
const Bytes = (env: string, description: string, fallback: number) =>
  Type.Integer({
    ...setting(env, description),
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    default: fallback,
  })

const ORIGIN = '^https?://[^/?#@\\s]+$'

/** Every setting of the server, once: name in the environment, type, default, meaning. `docs/configuration.md` is made from it. */
export const ConfigSchema = Type.Object({
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
    ...setting('PUBLIC_URL', 'The address that people type, without a path; links are built from it alone'),
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
  databaseUrl: Type.String({
    ...setting('DATABASE_URL', 'PostgreSQL 15 or newer: postgres://user:password@host/name', true),
    pattern: '^postgres(ql)?://',
    default: '',
  }),
  databasePoolSize: Type.Integer({
    ...setting('DATABASE_POOL_SIZE', 'Connections this process may hold'),
    minimum: 2,
    maximum: 200,
    default: 16,
  }),
  storage: Type.Union([
    Type.Literal('local'),
    Type.Literal('s3'),
  ], {
    ...setting('STORAGE', 'Where the bytes are: local (a folder below DATA_DIR) or s3 (MinIO or any S3 server)'),
    default: 'local',
  }),
  s3Endpoint: Type.Optional(Type.String({
    ...setting('S3_ENDPOINT', 'With STORAGE=s3: address of the S3 server as this process reaches it, as http://minio:9000'),
    pattern: ORIGIN,
  })),
  s3PublicEndpoint: Type.Optional(Type.String({
    ...setting('S3_PUBLIC_ENDPOINT', 'Address of the same S3 server as browsers reach it; needed by DOWNLOADS_BY=store only'),
    pattern: ORIGIN,
  })),
  s3Region: Type.String({
    ...setting('S3_REGION', 'Region of the bucket'),
    pattern: '^[a-zA-Z0-9-]{1,64}$',
    default: 'us-east-1',
  }),
  s3Bucket: Type.String({
    ...setting('S3_BUCKET', 'Bucket that holds nothing else; made at the first start when the key may'),
    pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    default: 'clientshare',
  }),
  s3AccessKey: Type.Optional(Type.String({
    ...setting('S3_ACCESS_KEY', 'Access key, best of a user that may use this bucket only', true),
    minLength: 1,
    maxLength: 256,
  })),
  s3SecretKey: Type.Optional(Type.String({
    ...setting('S3_SECRET_KEY', 'Secret of the access key', true),
    minLength: 1,
    maxLength: 256,
  })),
  s3PathStyle: Type.Boolean({
    ...setting('S3_PATH_STYLE', 'true: the bucket is in the path (MinIO); false: in the host name'),
    default: true,
  }),
  downloadsBy: Type.Union([
    Type.Literal('server'),
    Type.Literal('proxy'),
    Type.Literal('store'),
  ], {
    ...setting('DOWNLOADS_BY', 'Who sends the bytes of a file: server; proxy (only behind the bundled Caddy, which fetches them from the store itself); store (browsers are sent to a signed address at S3_PUBLIC_ENDPOINT)'),
    default: 'server',
  }),
  secretKey: Type.String({
    ...setting('SECRET_KEY', 'The instance key, at least 32 random characters; it signs tokens and encrypts link addresses', true),
    minLength: 32,
    maxLength: 1024,
    default: '',
  }),
  setupToken: Type.Optional(Type.String({
    ...setting('SETUP_TOKEN', 'Asked for by the set-up wizard; absent: made at random and printed', true),
    minLength: 8,
  })),
  adminEmail: Type.Optional(Type.String({
    ...setting('ADMIN_EMAIL', 'With ADMIN_PASSWORD: sets the instance up without the wizard'),
    pattern: '^[^@\\s]+@[^@\\s]+$',
  })),
  adminPassword: Type.Optional(Type.String({
    ...setting('ADMIN_PASSWORD', 'Password of the first operator, at least 12 characters', true),
    minLength: 12,
    maxLength: 128,
  })),
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
  maxFileBytes: Bytes('MAX_FILE_BYTES', 'Largest file, in bytes', 50_000_000_000),
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
})

export type Config = Readonly<Static<typeof ConfigSchema>>

/** Everything that is wrong with the environment, one line each. */
export class ConfigError extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

export const settingOf = (schema: object) => (schema as { 'x-setting': Setting })['x-setting']
export const defaultOf = (schema: object) => (schema as { default?: unknown }).default

const mayBeEmpty = new Set([
  'domain',
  'publicPort',
  'secretsDir',
  'trustedProxies',
  'webDir',
])

/** The address as browsers compare it (RFC 6454), or as it is when it has more than an origin. */
function originOf(text: string): string {
  const url = URL.parse(text)
  return url && `${url.origin}/` === url.href
    ? url.origin
    : text
}

/** A DOMAIN that is none is told of as such, not also as an address. */
function addressBy({ domain, publicPort, port }: Record<string, unknown>): string {
  return domain && Errors(ConfigSchema.properties.domain, domain).length === 0
    ? `https://${String(domain)}`
    : `http://localhost:${String(publicPort || port).split(':').at(-1)}`
}

interface Shape { type?: string, minimum?: number, maximum?: number, minLength?: number, maxLength?: number, anyOf?: { const: unknown }[] }

/** What a value must be, in words; never the value: it may be a secret. */
export function expectationOf(schema: object): string {
  const { type, minimum, maximum, minLength, maxLength, anyOf } = schema as Shape
  if (anyOf) return `must be one of ${anyOf.map(option => String(option.const)).join(', ')}`
  if (type === 'boolean') return 'must be true or false'
  if (type === 'integer') {
    return `must be a whole number${maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
      ? `, at least ${minimum}`
      : ` from ${minimum} to ${maximum}`}`
  }
  if (minLength !== undefined) {
    return `must have ${maxLength === undefined
      ? `at least ${minLength}`
      : `${minLength} to ${maxLength}`} characters`
  }
  return 'is not valid'
}

/**
 * Reads the configuration from an environment, once. A setting `NAME` may come as `NAME_FILE`, the path of a file with its value; a secret
 * that comes in neither way is read from `SECRETS_DIR/name`, if there is such a file (as systemd's credentials and Docker's secrets are).
 * @throws {ConfigError} with every problem at once.
 */
export function loadConfig(env: Record<string, string | undefined>, defaults: { webDir?: string } = {}): Config {
  const problems: string[] = []
  const raw: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(ConfigSchema.properties)) {
    const { env: name, secret } = settingOf(schema)
    const value = read(env, name, problems) || (secret
      ? readFrom(env.SECRETS_DIR, name, problems)
      : undefined)
    if (value === undefined || value === '') {
      raw[key] = defaultOf(schema)
      continue
    }
    raw[key] = parse(value, (schema as { type?: string }).type)
  }
  raw.publicUrl = originOf(String(raw.publicUrl || addressBy(raw)))
  for (const key of ['s3Endpoint', 's3PublicEndpoint']) {
    if (raw[key] !== undefined) raw[key] = originOf(String(raw[key]))
  }
  raw.webDir ||= defaults.webDir ?? ''
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined) delete raw[key]
  }

  for (const [key, schema] of Object.entries(ConfigSchema.properties)) {
    if (raw[key] === undefined) continue
    const { env: name, description } = settingOf(schema)
    if (raw[key] === '' && !mayBeEmpty.has(key)) problems.push(`${name} is not set. ${description}.`)
    else if (raw[key] !== '' && Errors(schema, raw[key]).length > 0) problems.push(`${name} ${expectationOf(schema)}. ${description}.`)
  }
  for (const entry of unknownProxies(splitList(String(raw.trustedProxies)))) problems.push(`TRUSTED_PROXIES has “${entry}”, which is no address, no network and none of the words.`)
  if ((raw.adminEmail === undefined) !== (raw.adminPassword === undefined)) problems.push('ADMIN_EMAIL and ADMIN_PASSWORD go together: set both or neither.')
  if (raw.storage === 's3') {
    for (const key of ['s3Endpoint', 's3AccessKey', 's3SecretKey'] as const) {
      if (raw[key] === undefined) problems.push(`${settingOf(ConfigSchema.properties[key]).env} is not set, and STORAGE=s3 needs it.`)
    }
  }
  if (raw.downloadsBy === 'proxy' && raw.trustedProxies === '') problems.push('DOWNLOADS_BY=proxy needs TRUSTED_PROXIES: only a trusted proxy is asked to send the bytes.')
  if (raw.downloadsBy === 'store' && raw.storage !== 's3') problems.push('DOWNLOADS_BY=store needs STORAGE=s3: a browser cannot be sent to a folder.')
  else if (raw.downloadsBy === 'store' && !raw.s3PublicEndpoint) problems.push('DOWNLOADS_BY=store needs S3_PUBLIC_ENDPOINT: the address of the store as browsers reach it.')
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze({
    ...raw,
    dataDir: resolve(String(raw.dataDir)),
    webDir: raw.webDir === ''
      ? ''
      : resolve(String(raw.webDir)),
  } as unknown as Config)
}

function parse(value: string, type: string | undefined): unknown {
  if (type === 'integer' && /^-?\d+$/.test(value)) return Number(value)
  if (type === 'boolean' && /^(?:true|false)$/.test(value)) return value === 'true'
  return value
}

function read(env: Record<string, string | undefined>, name: string, problems: string[]): string | undefined {
  const file = env[`${name}_FILE`]
  if (!file) return env[name]?.trim()
  if (env[name]) problems.push(`${name} and ${name}_FILE are both set: set one.`)
  try {
    return readFileSync(file, 'utf8').trim()
  }
  catch (error) {
    problems.push(`${name}_FILE cannot be read: ${(error as Error).message}.`)
    return undefined
  }
}

function readFrom(folder: string | undefined, name: string, problems: string[]): string | undefined {
  if (!folder) return undefined
  try {
    return readFileSync(join(folder, name.toLowerCase()), 'utf8').trim()
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') problems.push(`${name} in SECRETS_DIR cannot be read: ${(error as Error).message}.`)
    return undefined
  }
}
