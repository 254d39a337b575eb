import type { S3Config, S3Connection, S3Deadlines } from './s3-connection.ts'
import type { Storage } from './storage.ts'
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from '../config/config.ts'
import { createS3Connection, S3_DEADLINES } from './s3-connection.ts'
import { onStore, refusalOf } from './s3-errors.ts'
import { explainS3, NoBucketError } from './s3-explain.ts'
import { openS3Storage } from './s3-storage.ts'
import { StorageError } from './storage.ts'

/** A start asks again, so it need not be patient with one answer. */
const START_DEADLINES = { connectMs: 3000, answerMs: 5000 }
const PATIENCE_MS = 60_000
const TELL_AFTER_MS = 1000
const TELL_EVERY_MS = 10_000

export interface S3StartOptions {
  log?: { info: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
  /** For a store that does not answer yet. */
  patienceMs?: number
  deadlines?: Partial<S3Deadlines>
}

/**
 * Opens a bucket after trying out all that the server will do in it; makes it when it is missing and the key may (never a public one).
 * A store that does not answer is waited for, since nobody starts things in order.
 * @throws ConfigError with one plain line for what only other settings can mend
 * @throws StorageError when the store did not answer in time
 */
export async function createS3Storage(config: S3Config, { log, patienceMs = PATIENCE_MS, deadlines = {} }: S3StartOptions = {}): Promise<Storage> {
  const storage = openS3Storage(config, { deadlines })
  const connection = createS3Connection(config, {
    ...S3_DEADLINES,
    ...START_DEADLINES,
    ...deadlines,
  })
  const began = performance.now()
  let tellAt = began + TELL_AFTER_MS
  try {
    for (;;) {
      try {
        await ensureBucket(connection, config)
        await rehearse(storage)
        return storage
      }
      catch (error) {
        const { text, remedy } = explainS3(error, config)
        if (remedy === 'settings')
          throw new ConfigError([text])
        if (remedy === 'space') {
          // What is stored can still be read, and deleted.
          log?.error({}, text)
          return storage
        }
        if (performance.now() - began >= patienceMs)
          throw new StorageError('unavailable', text, { cause: error })
        if (performance.now() >= tellAt) {
          tellAt = performance.now() + TELL_EVERY_MS
          log?.info({}, `Waiting for the store. ${text}`)
        }
        await sleep(500)
      }
    }
  }
  catch (error) {
    await storage.close()
    throw error
  }
  finally {
    connection.close()
  }
}

/** Asked by a list and not by HEAD, whose answer could not say what is wrong. */
async function ensureBucket({ client, bucket }: S3Connection, { region }: S3Config): Promise<void> {
  const list = () => onStore('list the objects', client({ action: 'list the objects' }).listObjectsV2Query(bucket, '', '', '', 1, ''))
  try {
    await list()
  }
  catch (error) {
    if (refusalOf(error)?.code !== 'NoSuchBucket')
      throw error
    const action = 'make the bucket'
    await onStore(action, client({ action, fresh: true }).makeBucket(bucket, region)).catch((error: unknown) => {
      const code = refusalOf(error)?.code
      if (code === 'BucketAlreadyOwnedByYou')
        return // by another replica, just now
      throw code === 'AccessDenied'
        ? new NoBucketError()
        : error
    })
    await list()
  }
}

/** Every kind of call once, each with a failure that names it. */
async function rehearse(storage: Storage): Promise<void> {
  const key = `probe-${randomUUID()}` // found by the sweep, should a crash leave it
  const bytes = Buffer.from(key)
  await storage.putObject(key, Readable.from([bytes]))
  try {
    const { body } = await storage.getObject(key, { expectedSize: bytes.length })
    if (!(await buffer(body)).equals(bytes))
      throw new StorageError('corrupt', 'the store gave other bytes than it was given')
    const upload = {
      key,
      ...await storage.createMultipart(key, { size: 1, partSize: 1 }),
    }
    for await (const _ of storage.listMultiparts({ key })) { /* that it may be asked is all */ }
    await storage.abortMultipart(upload)
  }
  finally {
    await storage.deleteObject(key)
  }
}
