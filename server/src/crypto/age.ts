import type { Decrypter, Encrypter } from 'age-encryption'
import { Readable } from 'node:stream'

/** Encrypts for those who have the recipients' identities (age-encryption.org/v1); nothing here can open it again. */
export interface Sealer {
  /** Public keys, in an order of their own. */
  recipients: readonly string[]
  /** How many bytes so many become. */
  sizeOf: (size: number) => number
  /** An error of `body` comes through unchanged. */
  seal: (body: Readable) => Readable
}

/** Opens what was encrypted for one of its recipients. */
export interface Opener {
  recipients: readonly string[]
  /** An error of `body` comes through unchanged. The stream fails with {UnsealError} where it is not what was encrypted, or not for these. */
  open: (body: Readable) => Readable
}

export class UnsealError extends Error {
  override readonly name = 'UnsealError'
}

// The library brings 25 MB of code for curves, which a server that makes no encrypted backups does without.
const library = () => import('age-encryption')

/** @param recipients as `isRecipient` takes them @throws {Error} when the library does not take one */
export async function createSealer(recipients: readonly string[]): Promise<Sealer> {
  const { Encrypter } = await library()
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  const { size } = await encrypter.encrypt(webStreamOf(Readable.from([])))
  return {
    recipients: [...recipients].sort(),
    sizeOf: size,
    seal: body => piped(body, stream => encrypter.encrypt(stream)),
  }
}

/**
 * @param text a file as age-keygen writes it: an identity a line, and comments
 * @throws {Error} with a sentence that has nothing of the file in it
 */
export async function createOpener(text: string): Promise<Opener> {
  const { Decrypter, identityToRecipient } = await library()
  if (/^age-encryption\.org\/|^-----BEGIN AGE/.test(text)) throw new Error('It is protected by a passphrase: open it with “age --decrypt” first.')
  const identities = text.split(/\r?\n/).map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#'))
  if (identities.length === 0) throw new Error('It has no key: a line that begins with AGE-SECRET-KEY-.')
  const decrypter = new Decrypter()
  const recipients: string[] = []
  for (const [at, identity] of identities.entries()) {
    try {
      decrypter.addIdentity(identity)
      recipients.push(await identityToRecipient(identity))
    }
    catch {
      throw new Error(`Its key ${at + 1} is none that age-keygen makes: a line that begins with AGE-SECRET-KEY-.`)
    }
  }
  return {
    recipients,
    open(body) {
      let own: unknown
      async function* noted() {
        try {
          yield* body
        }
        catch (error) {
          own = error
          throw error
        }
      }
      return piped(body, async (stream) => {
        try {
          return await decrypter.decrypt(stream)
        }
        catch (error) {
          throw own ?? unsealError(error)
        }
      }, noted(), error => own ?? unsealError(error))
    },
  }
}

const unsealError = (error: unknown) => new UnsealError((error as Error).message)

type WebStream = Parameters<Encrypter['encrypt']>[0] & Parameters<Decrypter['decrypt']>[0] & ReadableStream<Uint8Array>

const webStreamOf = (body: AsyncIterable<unknown>) => ReadableStream.from(body) as unknown as WebStream

/** `body` through something of web streams. Whoever lets go of the result has let go of `body`. */
function piped(body: Readable, through: (stream: WebStream) => Promise<ReadableStream<Uint8Array>>, from: AsyncIterable<unknown> = body, errorOf: (error: unknown) => unknown = error => error): Readable {
  async function* chunks() {
    try {
      yield* await through(webStreamOf(from)) as unknown as AsyncIterable<Uint8Array>
    }
    catch (error) {
      throw errorOf(error)
    }
  }
  return Readable.from(chunks(), { objectMode: false }).once('close', () => body.destroy())
}
