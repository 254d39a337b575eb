import type { RequestChallenge } from '../../../../api/generated/types.gen.ts'
import { requestJson } from '../../../../api/http.ts'

/** Where a browser has no workers, or no WebAssembly: fewer requests are taken without a proof, but they are. */
const PATIENCE_MS = 60_000

function askWorker(challenge: RequestChallenge): Promise<number | undefined> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./proof.worker.ts', import.meta.url), { type: 'module' })
    const end = (number?: number) => {
      worker.terminate()
      resolve(number)
    }
    const timer = setTimeout(end, PATIENCE_MS)
    worker.addEventListener('message', ({ data }: MessageEvent<number | undefined>) => {
      clearTimeout(timer)
      end(data)
    })
    worker.addEventListener('error', () => {
      clearTimeout(timer)
      end()
    })
    worker.postMessage(challenge)
  })
}

/** What this server asks of a browser before it takes a request. @returns as it is sent, or undefined where it cannot be solved here */
export async function solveChallenge(): Promise<string | undefined> {
  const challenge = await requestJson<RequestChallenge>('GET', '/public/requests/challenge')
  const number = await askWorker(challenge)
  if (number === undefined) return undefined
  const { algorithm, salt, signature } = challenge
  return btoa(JSON.stringify({
    algorithm,
    challenge: challenge.challenge,
    number,
    salt,
    signature,
  }))
}
