import type { TProperties } from 'typebox'
import { Type } from 'typebox'

/** A setting of the server: its name in the environment and what it means, as docs/configuration.md tells it. */
export interface Setting {
  env: string
  description: string
  secret?: boolean
  /** What is wrong with a value, behind the setting's name and without a full stop, where that can be said better than by the schema; never the value. */
  problem?: (value: string) => string | undefined
}

/** The settings as they were read, whatever they are worth. */
export type Raw = Record<string, unknown>

/** The settings of one module. `config.ts` puts the fragments together. */
export interface Fragment<Settings extends TProperties = TProperties> {
  settings: Settings
  /** Those that may be absent and are an empty text then. */
  mayBeEmpty?: readonly (string & keyof Settings)[]
  /** Brings what was read into its form, and fills in what follows from others. */
  complete?: (raw: Raw, defaults: { webDir?: string }) => void
  /** What is wrong between settings, a line each; what is wrong with one alone, its schema says. */
  check?: (raw: Raw) => string[]
}

export const defineFragment = <Settings extends TProperties>(fragment: Fragment<Settings>) => fragment

export const setting = (env: string, description: string, secret = false, problem?: Setting['problem']) => ({
  'x-setting': { env, description, secret, problem } satisfies Setting,
  description,
})

export const Bytes = (env: string, description: string, fallback: number) =>
  Type.Integer({
    ...setting(env, description),
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    default: fallback,
  })

export const settingOf = (schema: object) => (schema as { 'x-setting': Setting })['x-setting']
export const defaultOf = (schema: object) => (schema as { default?: unknown }).default

/** Most who leave it out mean https. */
export const withoutScheme = (value: string) => /^https?:\/\//i.test(value)
  ? undefined
  : 'must begin with https:// (or http://)'

/** The address as browsers compare it (RFC 6454), or as it is when it has more than an origin. */
export function originOf(text: string): string {
  const url = URL.parse(text)
  return url && `${url.origin}/` === url.href
    ? url.origin
    : text
}
