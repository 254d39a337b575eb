import type { Readable } from 'node:stream'
import type { Db } from '../../db/database.ts'
import type { JobQueue } from '../../jobs/job-queue.ts'
import type { ByteRange, GetOptions, LocateOptions, ObjectLocation, Storage } from '../../storage/storage.ts'
import type { VersionRow } from './downloads.queries.ts'
import { Buffer } from 'node:buffer'
import { BLOCK_BYTES, countBlocks, SUM_BYTES } from '../../storage/block-sums.ts'
import { isStorageError } from '../../storage/storage.ts'
import { checkObjectJob } from '../objects/objects.scrub.ts'
import { checkBlocks, wholeBlocks } from './check-blocks.ts'
import { objectDamaged } from './downloads.errors.ts'
import * as queries from './downloads.queries.ts'
import { verifyBody } from './verify-body.ts'

/** The bytes of files, checked against what was noted when they came. All throw `file.corrupt` (500) for what the store does not have as the database says. */
export interface FileReader {
  /** No byte of a block comes before all of it was found right; of what came before the sums of blocks were noted, a whole file ends only when it is right. */
  open: (version: VersionRow, options: { range?: ByteRange, signal: AbortSignal }) => Promise<Readable>
  /** All or a part, unchecked: whoever reads it knows the CRC-32 and compares. */
  openObject: (key: string, size: number, options: Omit<GetOptions, 'expectedSize'>) => Promise<Readable>
  locate: (version: VersionRow, options: Omit<LocateOptions, 'expectedSize'>) => Promise<ObjectLocation>
}

export function createFileReader({ db, storage, jobs, clock, log }: {
  db: Db
  storage: Storage
  jobs: Pick<JobQueue, 'send'>
  clock: () => Date
  log: { error: (fields: object, message: string) => void }
}): FileReader {
  async function openObject(key: string, size: number, options: Omit<GetOptions, 'expectedSize'>): Promise<Readable> {
    return (await undamaged(storage.getObject(key, { ...options, expectedSize: size }))).body
  }

  /** Of the blocks that the range touches; undefined while they are not known. */
  async function sumsOf({ objectKey, sizeBytes, crc32 }: VersionRow, { start, end }: ByteRange): Promise<Buffer | undefined> {
    const blocks = countBlocks(sizeBytes)
    if (blocks > 1) {
      const first = Math.floor(start / BLOCK_BYTES)
      return queries.findBlockSums(db, objectKey, { first, count: Math.floor(end / BLOCK_BYTES) + 1 - first })
    }
    if (blocks === 0 || crc32 === null) return undefined
    const only = Buffer.alloc(SUM_BYTES)
    only.writeUInt32BE(crc32)
    return only
  }

  /** What was found wrong on the way is looked at whole, by a job: once an hour, however often it is asked for. */
  function suspect(key: string): void {
    jobs.send(db, checkObjectJob, { key }, {
      once: `${checkObjectJob.name} ${key} ${clock().toISOString().slice(0, 13)}`,
    }).catch((error: unknown) => log.error({ err: error, key }, 'a damaged object waits for the next look through the store'))
  }

  return {
    openObject,

    async open(version, { range, signal }) {
      const { objectKey: key, sizeBytes: size, crc32 } = version
      const wanted = range ?? { start: 0, end: size - 1 }
      const sums = await sumsOf(version, wanted)
      if (sums) {
        return checkBlocks(await openObject(key, size, { range: range && wholeBlocks(range, size), signal }), {
          size,
          range: wanted,
          sums,
          onDamaged: () => suspect(key),
        })
      }
      const body = await openObject(key, size, { range, signal })
      return range || crc32 === null
        ? body
        : verifyBody(body, { size, crc32 })
    },

    locate: ({ objectKey, sizeBytes }, { expiresSeconds, browser }) => undamaged(storage.locateObject(objectKey, { expectedSize: sizeBytes, expiresSeconds, browser })),
  }
}

/** What the store does not have as the database says is the operator's to mend. */
async function undamaged<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  }
  catch (error) {
    if (isStorageError(error, 'not_found') || isStorageError(error, 'corrupt')) throw objectDamaged({ detail: 'Tell whoever runs this server.', cause: error })
    throw error
  }
}
