import { hash } from 'node:crypto'

interface Challenge { algorithm: string, challenge: string, salt: string, signature: string, maxNumber: number }

/** What a browser does for a request: the solution of a challenge, as it is sent. */
export function proofFor({ algorithm, challenge, salt, signature, maxNumber }: Challenge): string {
  for (let number = 0; number <= maxNumber; number++) {
    if (hash('sha256', salt + number) !== challenge) continue
    return Buffer.from(JSON.stringify({
      algorithm,
      challenge,
      number,
      salt,
      signature,
    })).toString('base64')
  }
  throw new Error('The challenge has no solution')
}
