import { requestInvalid } from '../../../errors/common-errors.ts'

const MEMBER = /^\s*([a-z*][\w.*-]*)=:([A-Za-z0-9+/]*={0,2}):\s*$/
const SHA256_BYTES = 32

/**
 * The SHA-256 in a `Content-Digest` field: RFC 9530 §2, a dictionary (RFC 8941) of byte sequences. Other algorithms are passed over.
 * @returns lower-case hex; undefined without a sha-256
 * @throws {AppError} `request.invalid` when it is no such field: what a client means as a check is never silently skipped
 */
export function parseContentDigest(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  let sha256: string | undefined
  for (const member of header.split(',')) {
    const [, algorithm, text] = MEMBER.exec(member) ?? []
    if (algorithm === undefined || text === undefined) throw malformed()
    if (algorithm !== 'sha-256') continue
    const digest = Buffer.from(text, 'base64')
    if (digest.length !== SHA256_BYTES) throw malformed()
    sha256 = digest.toString('hex')
  }
  return sha256
}

const malformed = () => requestInvalid('Content-Digest is not of the form sha-256=:base64:')
