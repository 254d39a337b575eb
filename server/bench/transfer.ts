import type { Buffer } from 'node:buffer'
import type { RequestOptions } from 'node:http'
import { once } from 'node:events'
import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export interface Sent { status: number, body: string }

/** Sends `chunk` again and again until `size` bytes are out, framed by `before` and `after`. Costs no memory and little time. */
export async function send(url: string, options: RequestOptions, size: number, chunk: Buffer, frame: { before?: string, after?: string } = {}): Promise<Sent> {
  const { before = '', after = '' } = frame
  const outgoing = request(url, {
    agent,
    ...options,
    headers: { ...options.headers, 'content-length': size + before.length + after.length },
  })
  const answered = once(outgoing, 'response') as Promise<[import('node:http').IncomingMessage]>
  answered.catch(() => {})
  if (before) outgoing.write(before)
  for (let left = size; left > 0; left -= chunk.length) {
    if (!outgoing.write(left < chunk.length
      ? chunk.subarray(0, left)
      : chunk)) {
      // An answer before its time is a refusal; nobody takes the rest.
      if (await Promise.race([
        once(outgoing, 'drain'),
        answered.then(() => 'refused'),
      ]) === 'refused') {
        break
      }
    }
  }
  outgoing.end(after)
  const [response] = await answered
  let body = ''
  for await (const text of response.setEncoding('utf8')) body += text
  if (response.statusCode! >= 300) throw new Error(`${options.method} ${url}: ${response.statusCode} ${body}`)
  return { status: response.statusCode!, body }
}

/** Receives and throws away. */
export async function receive(url: string, headers: Record<string, string> = {}): Promise<number> {
  const outgoing = request(url, { agent, headers })
  outgoing.end()
  const [response] = await once(outgoing, 'response') as [import('node:http').IncomingMessage]
  let size = 0
  response.on('data', (chunk: Buffer) => { size += chunk.length })
  await once(response, 'end')
  if (response.statusCode !== 200) throw new Error(`GET ${url}: ${response.statusCode}`)
  return size
}
