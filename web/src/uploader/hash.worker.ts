import { createSHA256 } from 'hash-wasm'

/** Reads and hashes one part; with `state`, goes on with the hash of the whole file too, in the same reading. */
export type HashRequest
  = | { id: number, kind: 'part', bytes: Blob, state: Uint8Array | null, first: boolean }
    | { id: number, kind: 'finish', state: Uint8Array }

export type HashAnswer
  = | { id: number, digest: string, state: Uint8Array | null }
    | { id: number, sha256: string }
    | { id: number, failure: 'unreadable' | 'unavailable' }

const chunkBytes = 4 * 1024 * 1024

const toBase64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))

async function answer(request: HashRequest): Promise<HashAnswer> {
  const { id } = request
  const whole = await createSHA256()
  if (request.kind === 'finish') {
    whole.load(request.state)
    return {
      id,
      sha256: whole.digest('hex'),
    }
  }
  const { bytes, state, first } = request
  const part = await createSHA256()
  part.init()
  const goesOn = first || state !== null
  if (state) whole.load(state)
  else whole.init()
  for (let from = 0; from < bytes.size; from += chunkBytes) {
    let chunk: Uint8Array
    try {
      chunk = new Uint8Array(await bytes.slice(from, from + chunkBytes).arrayBuffer())
    }
    catch {
      return { id, failure: 'unreadable' }
    }
    part.update(chunk)
    if (goesOn) whole.update(chunk)
  }
  return {
    id,
    digest: toBase64(part.digest('binary')),
    state: goesOn
      ? whole.save()
      : null,
  }
}

globalThis.addEventListener('message', ({ data }: MessageEvent<HashRequest>) => {
  answer(data)
    .catch((): HashAnswer => ({ id: data.id, failure: 'unavailable' }))
    .then(message => globalThis.postMessage(message))
})
