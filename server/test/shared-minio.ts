import type { Minio } from './minio.ts'
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'

/** The MinIO of the whole run, where tests have buckets of their own. One that is killed or set up otherwise is started by its test (`startMinio`). */
export type SharedMinio = Pick<Minio, 'endpoint' | 'port' | 'accessKey' | 'secretKey'>

/** Undefined without MINIO_BINARY. */
export const sharedMinio = inject('minio')

/** Of no other test. */
export const newBucket = (): string => `test-${randomBytes(8).toString('hex')}`
