import type { Opener, Sealer } from '../../crypto/age.ts'
import type { CopyableObject, ObjectStore } from '../storage-move/copy-object.ts'
import type { ListedObject } from './backups.queries.ts'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { UnsealError } from '../../crypto/age.ts'
import { StorageError } from '../../storage/storage.ts'

type Source = Pick<ObjectStore, 'getObject'>

/**
 * The object as it is to lie in an encrypted backup. Its bytes are compared with its SHA-256 before they are encrypted: who has written them down
 * once cannot read them again.
 * @param onRead told the SHA-256 of what was read, each time that all of it was
 */
export function sealedSource(store: Source, sealer: Sealer, { size, sha256 }: CopyableObject, onRead: (sha256: string) => void): Source {
  return {
    async getObject(key, options) {
      const { body } = await store.getObject(key, { ...options, expectedSize: size })
      return {
        body: sealer.seal(checked(body, (found) => {
          if (sha256 !== null && found !== sha256) throw new StorageError('corrupt', `has the SHA-256 ${found}, not ${sha256}`)
          onRead(found)
        })),
        size: sealer.sizeOf(size),
      }
    },
  }
}

/** The object as the deployment had it. */
export function openedSource(there: Source, opener: Opener, { size, stored }: Pick<ListedObject, 'size' | 'stored'>): Source {
  return {
    async getObject(key, options) {
      if (!stored) throw new StorageError('corrupt', 'is not in the list of what is encrypted')
      const { body } = await there.getObject(key, { ...options, expectedSize: stored.size })
      const whole = checked(body, (found) => {
        if (found !== stored.sha256) throw new StorageError('corrupt', `was changed: its SHA-256 is ${found}, not ${stored.sha256}`)
      })
      return {
        body: Readable.from(opened(opener.open(whole)), { objectMode: false }),
        size,
      }
    },
  }
}

/** @returns the SHA-256 of an object as it lies in the store */
export async function sumOf(store: Source, key: string, expectedSize: number, signal: AbortSignal): Promise<string> {
  const { body } = await store.getObject(key, { expectedSize, signal })
  let sum = ''
  for await (const chunk of checked(body, (found) => { sum = found })) void chunk
  return sum
}

async function* opened(body: Readable): AsyncGenerator<Buffer> {
  try {
    yield* body
  }
  catch (error) {
    throw error instanceof UnsealError
      ? new StorageError('corrupt', `cannot be decrypted: ${error.message}`)
      : error
  }
}

function checked(body: Readable, atEnd: (sha256: string) => void): Readable {
  async function* chunks() {
    const hash = createHash('sha256')
    for await (const chunk of body as AsyncIterable<Buffer>) {
      hash.update(chunk)
      yield chunk
    }
    atEnd(hash.digest('hex'))
  }
  return Readable.from(chunks(), { objectMode: false }).once('close', () => body.destroy())
}
