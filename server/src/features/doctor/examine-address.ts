import type { Finding } from './finding.ts'
import { Buffer } from 'node:buffer'
import { SMALLEST_PART } from '../uploads/parts/part-size.ts'
import { find, isBroken } from './finding.ts'

const ASK_MS = 10_000
const CERTIFICATE = /CERT|SELF_SIGNED|ISSUER|SIGNATURE/

/** The public address, as somebody on this machine reaches it: whether it leads here, by https, and lets through what uploads send. */
export async function examineAddress(publicUrl: string, signal?: AbortSignal): Promise<Finding[]> {
  const { protocol, hostname } = new URL(publicUrl)
  const url = publicUrl
  const found: Finding[] = []
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (isLocal) found.push(find('address.local', { url }))
  else if (protocol === 'http:') found.push(find('address.unencrypted', { url }))

  const answer = await ask(`${publicUrl}/api/v1/instance`, { signal })
  if (answer instanceof Error) {
    const code = codeOf(answer)
    found.push(CERTIFICATE.test(code)
      ? find('address.certificate', { url, error: code })
      : find('address.silent', { url, error: code || answer.message }))
    return found
  }
  const location = fieldOf(answer, 'location')
  if (answer.status >= 300 && answer.status < 400 && location !== null) {
    await answer.body?.cancel()
    const { origin } = new URL(location, publicUrl)
    found.push(find('address.redirect', { url, origin }))
    return found
  }
  const told = await answer.json().catch(() => undefined) as { publicUrl?: string } | undefined
  if (told?.publicUrl === undefined) {
    found.push(find('address.stranger', { url, status: answer.status }))
    return found
  }
  if (told.publicUrl !== publicUrl) {
    found.push(find('address.other', { url, told: told.publicUrl }))
    return found
  }
  found.push(...await examineBody(publicUrl, signal))
  return found.some(isBroken)
    ? found
    : [
        find('address.well', { url }),
        ...found,
      ]
}

/** A part of an upload that there is not: the server refuses it in words of its own, a proxy with a limit by itself. */
async function examineBody(publicUrl: string, signal: AbortSignal | undefined): Promise<Finding[]> {
  const answer = await ask(`${publicUrl}/api/v1/uploads/00000000-0000-7000-8000-000000000000/parts/1`, {
    method: 'PUT',
    body: Buffer.alloc(SMALLEST_PART),
    headers: { 'content-type': 'application/octet-stream', 'authorization': 'Bearer none' },
    signal,
  })
  // A server that refuses early may close before it has the whole body: that is its own word.
  if (answer instanceof Error) return []
  await answer.body?.cancel()
  if (answer.status === 413) {
    return [
      find('address.body_refused', { partBytes: SMALLEST_PART }),
    ]
  }
  return (fieldOf(answer, 'content-type') ?? '').startsWith('application/problem+json')
    ? []
    : [
        find('address.body_answered', { status: answer.status }),
      ]
}

async function ask(url: string, { signal, ...init }: Omit<RequestInit, 'signal'> & { signal: AbortSignal | undefined }): Promise<Response | Error> {
  try {
    return await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([
        AbortSignal.timeout(ASK_MS),
        ...signal
          ? [signal]
          : [],
      ]),
      ...init,
    })
  }
  catch (error) {
    return error as Error
  }
}

const fieldOf = ({ headers: fields }: Response, name: string): string | null => fields.get(name)

const codeOf = (error: Error): string => String((error.cause as NodeJS.ErrnoException | undefined)?.code ?? (error as NodeJS.ErrnoException).code ?? '')
