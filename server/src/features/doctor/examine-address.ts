import type { Finding } from './finding.ts'
import { Buffer } from 'node:buffer'
import { findingsOf } from './finding.ts'

const ASK_MS = 10_000
/** The smallest part of an upload: what a proxy in front has to let through. */
const PART_BYTES = 16 * 1024 * 1024
const CERTIFICATE = /CERT|SELF_SIGNED|ISSUER|SIGNATURE/

const { well, doubtful, broken } = findingsOf('address')

/** The public address, as somebody on this machine reaches it: whether it leads here, by https, and lets through what uploads send. */
export async function examineAddress(publicUrl: string): Promise<Finding[]> {
  const { protocol, hostname } = new URL(publicUrl)
  const found: Finding[] = []
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (isLocal) found.push(doubtful(`Links begin with ${publicUrl}, which leads to this server from this machine alone. Set PUBLIC_URL or DOMAIN.`))
  else if (protocol === 'http:') found.push(doubtful(`Passwords and files travel unencrypted to ${publicUrl}. Set DOMAIN, or PUBLIC_URL to the https address of the proxy in front.`))

  const answer = await ask(`${publicUrl}/api/v1/instance`)
  if (answer instanceof Error) {
    const code = codeOf(answer)
    found.push(CERTIFICATE.test(code)
      ? broken(`The certificate at ${publicUrl} is not trusted (${code}): browsers refuse it.`)
      : doubtful(`${publicUrl} does not answer from here (${code || answer.message}). If it does from outside, the name leads elsewhere on this network; else look at DNS, the firewall and the proxy.`))
    return found
  }
  const location = fieldOf(answer, 'location')
  if (answer.status >= 300 && answer.status < 400 && location !== null) {
    const { origin } = new URL(location, publicUrl)
    found.push(broken(`${publicUrl} leads on to ${origin}. Set PUBLIC_URL=${origin}: sign-in and links go by it.`))
    return found
  }
  const told = await answer.json().catch(() => undefined) as { publicUrl?: string } | undefined
  if (told?.publicUrl === undefined) {
    found.push(broken(`What answers at ${publicUrl} (status ${answer.status}) is not ClientShare. Check PUBLIC_URL, and where the proxy sends /api.`))
    return found
  }
  if (told.publicUrl !== publicUrl) {
    found.push(broken(`At ${publicUrl} another ClientShare answers, which calls itself ${told.publicUrl}. Check PUBLIC_URL, and where the proxy leads.`))
    return found
  }
  found.push(...await examineBody(publicUrl))
  return found.some(({ health }) => health === 'broken')
    ? found
    : [
        well(`${publicUrl} leads here, and lets parts of uploads through.`),
        ...found,
      ]
}

/** A part of an upload that there is not: the server refuses it in words of its own, a proxy with a limit by itself. */
async function examineBody(publicUrl: string): Promise<Finding[]> {
  const answer = await ask(`${publicUrl}/api/v1/uploads/00000000-0000-7000-8000-000000000000/parts/1`, {
    method: 'PUT',
    body: Buffer.alloc(PART_BYTES),
    headers: { 'content-type': 'application/octet-stream', 'authorization': 'Bearer none' },
  })
  // A server that refuses early may close before it has the whole body: that is its own word.
  if (answer instanceof Error) return []
  await answer.body?.cancel()
  if (answer.status === 413) {
    return [
      broken('Something in front of the server refuses bodies of 16 MiB (413), so larger uploads fail. Raise its limit: nginx client_max_body_size 0, Apache LimitRequestBody 0, Cloudflare has 100 MB.'),
    ]
  }
  return (fieldOf(answer, 'content-type') ?? '').startsWith('application/problem+json')
    ? []
    : [
        doubtful(`Something in front of the server answers uploads itself (status ${answer.status}). Look at its log.`),
      ]
}

async function ask(url: string, init: RequestInit = {}): Promise<Response | Error> {
  try {
    return await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(ASK_MS),
      ...init,
    })
  }
  catch (error) {
    return error as Error
  }
}

const fieldOf = ({ headers: fields }: Response, name: string): string | null => fields.get(name)

const codeOf = (error: Error): string => String((error.cause as NodeJS.ErrnoException | undefined)?.code ?? (error as NodeJS.ErrnoException).code ?? '')
