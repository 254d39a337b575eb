import type { S3Config } from '../../storage/s3-connection.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Finding } from './finding.ts'
import { Buffer } from 'node:buffer'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createS3Connection, S3_DEADLINES } from '../../storage/s3-connection.ts'
import { isStorageError } from '../../storage/storage.ts'
import { findingsOf } from './finding.ts'

const MiB = 1024 * 1024
/** S3 takes no smaller parts but the last. */
const PART = 5 * MiB
const ASK_MS = 10_000

const { well, doubtful, broken } = findingsOf('store')

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
    if (!(await readBack(storage, whole, bytes.length)).equals(bytes)) found.push(broken('The store gives back other bytes than it was given.'))
    const range = { start: MiB / 2, end: MiB / 2 + 99 }
    const { body } = await storage.getObject(whole, { range, expectedSize: bytes.length })
    if (!(await buffer(body)).equals(bytes.subarray(range.start, range.end + 1))) found.push(broken('The store answers a range with other bytes: downloads that are taken up again would be spoilt.'))

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
    if (!(await readBack(storage, joined, size)).equals(Buffer.concat(parts))) found.push(broken('The store joins parts to other bytes than it was given.'))
  }
  catch (error) {
    found.push(broken(isStorageError(error, 'full')
      ? 'The store is full: what is there can be read, but nothing new can be stored. Make room.'
      : `The store fails: ${(error as Error).message}.`))
  }
  finally {
    for (const each of used) await storage.deleteObject(each).catch(() => {}) // the sweep finds it
  }
  const ms = Math.round(performance.now() - began)
  if (s3) found.push(...await examineS3(s3, storage))
  return found.some(({ health }) => health === 'broken')
    ? found
    : [
        well(`The store ${place} writes, reads, answers ranges and joins parts, in ${ms} ms.`),
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
    if (wrong.ok) found.push(doubtful('The store takes a body with a wrong MD5, so what is hurt on its way to it is only noticed when it is read. Something in front of it drops Content-MD5, or it does not check: use another S3 server.'))
    // Without a signature: whoever can reach the store could do the same.
    const stranger = await connection.sign('GET', '')
    stranger.search = ''
    const open = await fetch(stranger, {
      signal: AbortSignal.timeout(ASK_MS),
    })
    await open.body?.cancel()
    if (open.ok) found.push(broken(`Everybody who can reach the store can list the bucket “${config.bucket}”. Take the public policy away.`))
    if (wrong.ok) await storage.deleteObject(key)
  }
  catch (error) {
    found.push(doubtful(`The store could not be asked about MD5 and public access (${(error as Error).message}).`))
  }
  finally {
    connection.close()
  }
  return found
}
