import type { S3Config } from '../../storage/s3-connection.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Finding } from './finding.ts'
import { Buffer } from 'node:buffer'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createS3Connection, S3_DEADLINES } from '../../storage/s3-connection.ts'
import { isStorageError } from '../../storage/storage.ts'
import { find, isBroken } from './finding.ts'

const MiB = 1024 * 1024
/** S3 takes no smaller parts but the last. */
const PART = 5 * MiB
const ASK_MS = 10_000

/** Writes, reads, reads a part, joins parts, and removes what it wrote. `s3`: what the store is asked besides, when it is one. */
export async function examineStore(storage: Storage, { place, s3 }: { place: string, s3: S3Config | undefined }): Promise<Finding[]> {
  const key = () => `probe-${randomUUID()}`
  const used: string[] = []
  const found: Finding[] = []
  const began = performance.now()
  try {
    const bytes = randomBytes(MiB)
    const whole = key()
    used.push(whole)
    await storage.putObject(whole, Readable.from([bytes]), { size: bytes.length })
    if (!(await readBack(storage, whole, bytes.length)).equals(bytes)) found.push(find('store.other_bytes'))
    const range = { start: MiB / 2, end: MiB / 2 + 99 }
    const { body } = await storage.getObject(whole, { range, expectedSize: bytes.length })
    if (!(await buffer(body)).equals(bytes.subarray(range.start, range.end + 1))) found.push(find('store.other_range'))

    const joined = key()
    used.push(joined)
    const parts = [
      randomBytes(PART),
      randomBytes(1000),
    ]
    const size = PART + 1000
    const { ref } = await storage.createMultipart(joined, { size, partSize: PART })
    const upload = { key: joined, ref }
    const put = async (n: number, part: Buffer) => ({
      n,
      size: part.length,
      ...await storage.putPart(upload, { n, offset: (n - 1) * PART, size: part.length }, Readable.from([part])),
    })
    await storage.completeMultipart(upload, {
      size,
      parts: [await put(1, parts[0]!), await put(2, parts[1]!)],
    })
    if (!(await readBack(storage, joined, size)).equals(Buffer.concat(parts))) found.push(find('store.other_parts'))
  }
  catch (error) {
    found.push(isStorageError(error, 'full')
      ? find('store.full')
      : find('store.fails', { problem: `The store fails: ${(error as Error).message}` }))
  }
  finally {
    for (const each of used) await storage.deleteObject(each).catch(() => {}) // the sweep finds it
  }
  const ms = Math.round(performance.now() - began)
  if (s3) found.push(...await examineS3(s3, storage))
  return found.some(isBroken)
    ? found
    : [
        find('store.well', { place, ms }),
        ...found,
      ]
}

async function readBack(storage: Storage, key: string, expectedSize: number): Promise<Buffer> {
  const { body } = await storage.getObject(key, { expectedSize })
  return buffer(body)
}

/** What only an S3 server or what stands before it can have wrong. */
async function examineS3(config: S3Config, storage: Storage): Promise<Finding[]> {
  const found: Finding[] = []
  const connection = createS3Connection(config, S3_DEADLINES)
  try {
    const key = `probe-${randomUUID()}`
    const url = await connection.sign('PUT', key)
    const wrong = await fetch(url, {
      method: 'PUT',
      body: 'what was sent',
      headers: {
        'content-md5': createHash('md5').update('something else').digest('base64'),
      },
      signal: AbortSignal.timeout(ASK_MS),
    })
    await wrong.body?.cancel()
    if (wrong.ok) found.push(find('store.wrong_md5'))
    // Without a signature: whoever can reach the store could do the same.
    const stranger = await connection.sign('GET', '')
    stranger.search = ''
    const open = await fetch(stranger, {
      signal: AbortSignal.timeout(ASK_MS),
    })
    await open.body?.cancel()
    if (open.ok) found.push(find('store.public', { bucket: config.bucket }))
    if (wrong.ok) await storage.deleteObject(key)
  }
  catch (error) {
    found.push(find('store.unasked', { problem: (error as Error).message }))
  }
  finally {
    connection.close()
  }
  return found
}
