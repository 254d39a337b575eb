import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { unavailable } from '../errors/common-errors.ts'

const derive = promisify(argon2)
/** Of a new hash, as OWASP's Password Storage Cheat Sheet has it. Only the server's tests, which hash some hundred times, make it cheap. */
export const cost = { memory: 46 * 1024, passes: 1, parallelism: 1 }
/** 46 MiB each: more at once would let sign-ins eat the server's memory. */
const AT_ONCE = 2
/** More would wait for longer than anybody does, and whoever guesses from everywhere would stop all sign-ins for as long as the queue is. */
const MOST_WAITING = 30

let running = 0
const waiting: (() => void)[] = []

async function limited<T>(work: () => Promise<T>): Promise<T> {
  if (running < AT_ONCE) running++
  else if (waiting.length < MOST_WAITING) await new Promise<void>(resolve => waiting.push(resolve))
  else throw unavailable({ detail: 'Too many passwords are being looked at', retryAfter: 5 })
  try {
    return await work()
  }
  finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')

/** Argon2id (RFC 9106) as a PHC string. @throws {AppError} `service.unavailable` when too many wait */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const tag = await limited(() => derive('argon2id', {
    message: password.normalize('NFKC'),
    nonce: salt,
    tagLength: 32,
    ...cost,
  }))
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(tag)}`
}

/** Whether the password is the one hashed. Without a hash it takes as long and says no, so that time does not tell who exists. @throws {AppError} `service.unavailable` when too many wait */
export async function verifyPassword(hash: string | null | undefined, password: string): Promise<boolean> {
  const parsed = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(hash ?? '')
  const [, memory, passes, parallelism, salt, tag] = parsed ?? []
  const expected = Buffer.from(tag ?? '', 'base64')
  const actual = await limited(() => derive('argon2id', {
    message: password.normalize('NFKC'),
    nonce: salt
      ? Buffer.from(salt, 'base64')
      : Buffer.alloc(16),
    parallelism: Number(parallelism ?? cost.parallelism),
    tagLength: expected.length || 32,
    memory: Number(memory ?? cost.memory),
    passes: Number(passes ?? cost.passes),
  }))
  return expected.length > 0 && timingSafeEqual(actual, expected)
}
