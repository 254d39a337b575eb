import { withoutQuery } from '../db/db-errors.ts'

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
])

/** What somebody is told to look at who set the database's address in this way, or did not set it. */
export interface DatabaseAddress {
  /** What to look at when it does not answer, lets nobody in or is not there. */
  look: string
  /** Where its parts stand: `Check host of …`. */
  name: string
}

const byName = (name: string): DatabaseAddress => ({ look: `Check ${name}.`, name })

/** By what the environment says; the launcher names the embedded one's folder. */
export function databaseAddressIn(env: Record<string, string | undefined>): DatabaseAddress {
  if (env.CLIENTSHARE_DATABASE_FOLDER) return { look: `It is the embedded one; its log is in ${env.CLIENTSHARE_DATABASE_FOLDER}/log.`, name: 'the embedded database’s address' }
  if (env.DATABASE_URL) return byName('DATABASE_URL')
  if (env.DATABASE_URL_FILE) return byName('the file of DATABASE_URL_FILE')
  return {
    look: 'Look at the service that runs it; with docker compose: docker compose ps -a, docker compose logs postgres. Its address comes from SECRETS_DIR.',
    name: 'database_url in SECRETS_DIR',
  }
}

/** Why a command could not be carried out, in one line for whoever started it. Errors of several addresses (localhost) come as one without a message. */
export function explainFailure(error: unknown, database: DatabaseAddress): string {
  const { code, message, errors } = withoutQuery(error) as NodeJS.ErrnoException & { errors?: Error[] }
  if (code === 'EADDRINUSE') return 'The port is taken. Set PORT to another one, or stop what uses it.'
  if (code === 'EADDRNOTAVAIL') return 'HOST is no address of this machine.'
  if (code === 'EACCES' || code === 'EPERM') return `Not allowed: ${message}`
  if (code === 'ENOSPC') return 'The disk is full.'
  if (code === '28P01' || code === '28000') return `The database refuses the sign-in (${message}). ${database.look}`
  if (code === '3D000') return `There is no such database (${message}). ${database.look}`
  if (/CERT|SIGNATURE|ISSUER/.test(code ?? '')) return `The certificate of the database is not trusted (${code}). Check host and sslmode of ${database.name}, or name its authority in NODE_EXTRA_CA_CERTS.`
  if (/does not support SSL/.test(message)) return `The database does not speak TLS. Check host and sslmode of ${database.name}.`
  if (UNREACHABLE.has(code ?? '') || /^(?:57P|53|08)/.test(code ?? '') || /timeout expired|Connection terminated/.test(message)) return `The database does not answer (${message || errors?.[0]?.message || code}). ${database.look}`
  return message
}
