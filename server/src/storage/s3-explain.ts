import type { S3Config } from './s3-connection.ts'
import { errorCode } from './disk.ts'
import { refusalOf } from './s3-errors.ts'
import { isStorageError } from './storage.ts'

export class NoBucketError extends Error {
  override readonly name = 'NoBucketError'
}

/** `text`: one line for the operator. `remedy`: other settings, time, or more space. */
export interface Explanation { text: string, remedy: 'settings' | 'time' | 'space' }

/** What the operator has to do about a store that cannot be used. Never a secret, not even a wrong one. */
export function explainS3(error: unknown, { endpoint, bucket, region }: S3Config): Explanation {
  const settings = (text: string): Explanation => ({ text, remedy: 'settings' })
  const badName = () => settings(`“${bucket}” cannot be the name of a bucket. Check S3_BUCKET.`)
  const time = (text: string): Explanation => ({ text, remedy: 'time' })

  if (error instanceof NoBucketError) return settings(`There is no bucket “${bucket}” in the store, and S3_ACCESS_KEY may not make one. Make it, or check S3_BUCKET.`)
  if (isStorageError(error, 'full')) return { text: 'The store is full: what is there can be read, but nothing new can be stored.', remedy: 'space' }

  const refusal = refusalOf(error)
  if (refusal) {
    const { code, status } = refusal
    switch (code) {
      case 'InvalidAccessKeyId': return settings('The store does not know the access key. Check S3_ACCESS_KEY.')
      case 'SignatureDoesNotMatch': return settings('The store knows the access key, but the secret does not belong to it. Check S3_SECRET_KEY.')
      case 'RequestTimeTooSkewed': return settings('The clock of this machine and the store’s differ by more than 15 minutes. Set them right.')
      case 'AuthorizationHeaderMalformed':
      case 'AuthorizationQueryParametersError':
      case 'IllegalLocationConstraintException':
      case 'InvalidRegion':
      case 'PermanentRedirect': return settings(`The bucket “${bucket}” is in another region than “${region}”. Check S3_REGION and S3_ENDPOINT.`)
      case 'InvalidBucketName': return badName()
      case 'BucketAlreadyExists': return settings(`The bucket “${bucket}” belongs to somebody else. Check S3_BUCKET.`)
      case 'AllAccessDisabled':
      case 'AccessDenied': return settings(`S3_ACCESS_KEY may not do all that is needed in the bucket “${bucket}” (${(error as Error).message}). Check S3_BUCKET and the key’s policy: list, get, put and delete objects, and multipart uploads.`)
    }
    if (status >= 500 || status === 429 || status === 408) return time(`The store at ${endpoint} is not ready (${refusal.message}).`)
    return code === ''
      ? settings(`What answers at ${endpoint} is not an S3 server (status ${status}). Check S3_ENDPOINT.`)
      : settings(`The store at ${endpoint} refuses: ${refusal.message}. Check S3_ENDPOINT and S3_PATH_STYLE.`)
  }

  const cause = isStorageError(error) && error.cause instanceof Error
    ? error.cause
    : error
  const code = errorCode(cause) ?? ''
  // The client's own checks.
  if (cause instanceof Error && cause.name === 'InvalidBucketNameError') return badName()
  if (cause instanceof Error && cause.name === 'InvalidXMLError') return settings(`What answers at ${endpoint} is not an S3 server. Check S3_ENDPOINT.`)
  if (cause instanceof Error && cause.name === 'InvalidEndpointError') return settings(`The store has no valid address (${endpoint}). Check S3_ENDPOINT.`)
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('HPE_')) return settings(`The store at ${endpoint} cannot be talked to (${code}): is it http:// or https://? Check S3_ENDPOINT.`)
  if (/CERT|TLS|SIGNATURE|ISSUER|SELF_SIGNED/.test(code)) return settings(`The certificate of the store at ${endpoint} is not trusted (${code}). Check S3_ENDPOINT, or name its authority in NODE_EXTRA_CA_CERTS.`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return time(`The name of the store in ${endpoint} is not known (${code}). Check S3_ENDPOINT.`)
  if (isStorageError(error, 'corrupt') || isStorageError(error, 'not_found')) return settings(`What answers at ${endpoint} does not keep what it is given. Check S3_ENDPOINT.`)
  return time(`The store does not answer at ${endpoint} (${code || (error as Error).message}). Check S3_ENDPOINT.`)
}
