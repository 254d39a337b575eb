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

/** Why a command could not be carried out, in one line for whoever started it. Errors of several addresses (localhost) come as one without a message. */
export function explainFailure(error: unknown): string {
  const { code, message, errors } = withoutQuery(error) as NodeJS.ErrnoException & { errors?: Error[] }
  if (code === 'EADDRINUSE') return 'The port is taken. Set PORT to another one, or stop what uses it.'
  if (code === 'EADDRNOTAVAIL') return 'HOST is no address of this machine.'
  if (code === 'EACCES' || code === 'EPERM') return `Not allowed: ${message}`
  if (code === 'ENOSPC') return 'The disk is full.'
  if (code === '28P01' || code === '28000') return `The database refuses the sign-in (${message}). Check DATABASE_URL.`
  if (code === '3D000') return `There is no such database (${message}). Check DATABASE_URL.`
  if (/CERT|SIGNATURE|ISSUER/.test(code ?? '')) return `The certificate of the database is not trusted (${code}). Check host and sslmode of DATABASE_URL, or name its authority in NODE_EXTRA_CA_CERTS.`
  if (/does not support SSL/.test(message)) return 'The database does not speak TLS. Check host and sslmode of DATABASE_URL.'
  if (UNREACHABLE.has(code ?? '') || /^(?:57P|53|08)/.test(code ?? '') || /timeout expired|Connection terminated/.test(message)) return `The database does not answer (${message || errors?.[0]?.message || code}). Check DATABASE_URL.`
  return message
}
