import { createChallenge, extractParams, verifySolution } from 'altcha-lib/v1'
import { PROOF_HASHES, PROOF_MINUTES } from './requests.policy.ts'

export interface ProofChallenge { algorithm: string, challenge: string, salt: string, signature: string, maxNumber: number }

/** A number that is found by trying and checked at once (ALTCHA): what makes a thousand requests dear, and one cheap. */
export function createRequestProof({ key, clock }: { key: Buffer, clock: () => Date }) {
  const hmacKey = key.toString('hex')
  return {
    async challenge(): Promise<ProofChallenge> {
      const { algorithm, challenge, salt, signature } = await createChallenge({
        hmacKey,
        maxNumber: PROOF_HASHES,
        expires: new Date(clock().getTime() + PROOF_MINUTES * 60_000),
      })
      return {
        algorithm,
        challenge,
        salt,
        signature,
        maxNumber: PROOF_HASHES,
      }
    },

    /** @returns which challenge it solves and until when that is good; undefined for what is no solution of one of ours */
    async read(solution: string): Promise<{ challenge: string, expiresAt: Date } | undefined> {
      try {
        const payload = JSON.parse(Buffer.from(solution, 'base64').toString('utf8')) as Parameters<typeof extractParams>[0] & { challenge: string }
        // Not by its own check of the time, which is the machine's.
        if (!await verifySolution(payload as never, hmacKey, false)) return undefined
        const expiresAt = new Date(Number(extractParams(payload).expires) * 1000)
        return expiresAt > clock()
          ? { challenge: payload.challenge, expiresAt }
          : undefined
      }
      catch {
        return undefined
      }
    },
  }
}
