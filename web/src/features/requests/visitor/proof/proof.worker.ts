import type { RequestChallenge } from '../../../../api/generated/types.gen.ts'
import { createSHA256 } from 'hash-wasm'

/** Tries numbers until one, behind the salt, has the hash that is asked for. @returns undefined when none has */
async function solve({ salt, challenge, maxNumber }: RequestChallenge): Promise<number | undefined> {
  const hash = await createSHA256()
  for (let number = 0; number <= maxNumber; number++) {
    hash.init()
    hash.update(salt + number)
    if (hash.digest('hex') === challenge) return number
  }
  return undefined
}

globalThis.addEventListener('message', ({ data }: MessageEvent<RequestChallenge>) => {
  void solve(data).catch(() => undefined).then(number => globalThis.postMessage(number))
})
