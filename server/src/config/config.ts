import type { Static } from 'typebox'
import type { Fragment } from './fragment.ts'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Type } from 'typebox'
import { Errors } from 'typebox/value'
import { analyticsSettings } from './analytics.ts'
import { backupSettings } from './backups.ts'
import { databaseSettings } from './database.ts'
import { downloadsSettings } from './downloads.ts'
import { defaultOf, settingOf } from './fragment.ts'
import { instanceSettings } from './instance.ts'
import { mailSettings } from './mail.ts'
import { serverSettings } from './server.ts'
import { storageSettings } from './storage.ts'

/** In the order of docs/configuration.md. */
const fragments: readonly (Omit<Fragment, 'mayBeEmpty'> & { mayBeEmpty?: readonly string[] })[] = [
  serverSettings,
  databaseSettings,
  storageSettings,
  downloadsSettings,
  backupSettings,
  mailSettings,
  instanceSettings,
  analyticsSettings,
]

/** Every setting of the server, once: name in the environment, type, default, meaning. `docs/configuration.md` is made from it. */
export const ConfigSchema = Type.Object({
  ...serverSettings.settings,
  ...databaseSettings.settings,
  ...storageSettings.settings,
  ...downloadsSettings.settings,
  ...backupSettings.settings,
  ...mailSettings.settings,
  ...instanceSettings.settings,
  ...analyticsSettings.settings,
})

const mayBeEmpty = new Set(fragments.flatMap((fragment): readonly string[] => fragment.mayBeEmpty ?? []))

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

/** What is set otherwise than by default, and the secrets that are set: these are for nobody's eyes. */
export function describeSettings(config: Config): { settings: Record<string, string | number | boolean>, secrets: Record<string, string> } {
  const settings: Record<string, string | number | boolean> = {}
  const secrets: Record<string, string> = {}
  for (const [key, schema] of Object.entries(ConfigSchema.properties)) {
    const { env, secret } = settingOf(schema)
    const value = config[key as keyof Config]
    if (value === undefined || value === defaultOf(schema)) continue
    if (secret) secrets[env] = String(value)
    else settings[env] = value
  }
  return { settings, secrets }
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
  for (const { complete } of fragments) complete?.(raw, defaults)
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined) delete raw[key]
  }

  for (const [key, schema] of Object.entries(ConfigSchema.properties)) {
    if (raw[key] === undefined) continue
    const { env: name, description, problem } = settingOf(schema)
    if (raw[key] === '') {
      if (!mayBeEmpty.has(key)) problems.push(`${name} is not set. ${description}.`)
      continue
    }
    const wrong = problem?.(String(raw[key])) ?? (Errors(schema, raw[key]).length > 0
      ? expectationOf(schema)
      : undefined)
    if (wrong !== undefined) problems.push(`${name} ${wrong}. ${description}.`)
  }
  for (const { check } of fragments) problems.push(...check?.(raw) ?? [])
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
