import type { AddressInfo } from 'node:net'
import type { TestApp } from './test-app.ts'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import http from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

export interface SocketAnswer { status: number, headers: http.IncomingHttpHeaders, body: Buffer, /** Why the body broke off. */ broken?: string }

export async function listen(test: TestApp): Promise<number> {
  await test.app.listen({ port: 0, host: '127.0.0.1' })
  return (test.app.server.address() as AddressInfo).port
}

/** Over a real connection, which ends with the answer. */
export function fetchRaw(port: number, path: string, options: { method?: string, headers?: Record<string, string> } = {}): Promise<SocketAnswer> {
  return new Promise((resolve, reject) => {
    http.request({
      port,
      host: '127.0.0.1',
      path,
      agent: false,
      ...options,
    }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('close', () => resolve({
        status: response.statusCode!,
        headers: response.headers,
        body: Buffer.concat(chunks),
        ...(response.complete
          ? {}
          : { broken: 'aborted' }),
      }))
      response.on('error', () => {})
    }).on('error', reject).end()
  })
}

/** Descriptors of this process that are open below a folder. */
export function openFilesBelow(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return target.startsWith(folder)
        ? [target]
        : []
    }
    catch {
      return []
    }
  })
}

/** Sends bytes as they are, and reads until the server closes: every answer with a JSON body, in their order. */
export async function answersTo(port: number, bytes: string | Buffer): Promise<{ status: number, head: string, body: any }[]> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write(bytes)
    const answers = (await text(socket)).split(/(?=HTTP\/1\.1 \d{3} )/)
    return answers.map((answer) => {
      const [head = '', body = ''] = answer.split('\r\n\r\n')
      return {
        status: Number(head.split(' ')[1]),
        head,
        body: body.startsWith('{')
          ? JSON.parse(body)
          : body,
      }
    })
  }
  finally {
    socket.destroy()
  }
}
