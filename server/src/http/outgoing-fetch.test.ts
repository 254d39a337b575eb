import type { AddressInfo } from 'node:net'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import http from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createOutgoingFetch, isPublicAddress } from './outgoing-fetch.ts'

let port: number
const seen: string[] = []
const server = http.createServer((request, response) => {
  seen.push(`${request.method} ${request.url}`)
  if (request.url === '/moved') return response.writeHead(302, { location: '/else' }).end()
  if (request.url === '/much') return response.end(Buffer.alloc(2 ** 20 + 1))
  if (request.url === '/cut') return response.writeHead(200, { 'content-length': 10 }).write('x', () => response.destroy())
  return request.pipe(response.writeHead(201, { 'x-said': 'yes' }))
})
beforeAll(async () => {
  server.listen(0, 'localhost')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  server.close()
  await once(server, 'close')
})

const operators = createOutgoingFetch({ allowsPrivate: true })
const others = createOutgoingFetch({ allowsPrivate: false })

it('sends what it is given, and follows no redirect', async () => {
  const answer = await operators(`http://localhost:${port}/echo`, {
    method: 'POST',
    body: new URLSearchParams({ a: 'ä' }),
  })
  expect([
    answer.status,
    answer.headers.get('x-said'),
    await answer.text(),
  ]).toEqual([201, 'yes', 'a=%C3%A4'])
  expect((await operators(`http://localhost:${port}/moved`)).status).toBe(302)
  expect(seen).not.toContain('GET /else')
})

it.each([
  ['a name that leads there', 'localhost'],
  ['its address', '127.0.0.1'],
  ['its address as a number', '2130706433'],
  ['its address in IPv6', '[::1]'],
  ['its address in IPv6 as IPv4', '[::ffff:127.0.0.1]'],
])('goes to no private network for others: %s', async (_what, host) => {
  const before = seen.length
  await expect(others(`http://${host}:${port}/`)).rejects.toThrow('is in a private network')
  await expect(others(`https://${host}:${port}/`)).rejects.toThrow('is in a private network')
  expect(seen).toHaveLength(before)
})

it('knows what is public', () => {
  expect([
    '10.1.2.3',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    'fd00::1',
    'fe80::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ].filter(isPublicAddress)).toEqual([])
  expect(['93.184.216.34', '2606:2800:220:1::1'].every(isPublicAddress)).toBe(true)
})

it('reads no more than it has room for, and nothing that was cut off', async () => {
  await expect(operators(`http://localhost:${port}/much`)).rejects.toThrow('sends too much')
  await expect(operators(`http://localhost:${port}/cut`)).rejects.toThrow('does not answer as it should')
})

it('goes without TLS to one’s own network alone, and to nothing but the web', async () => {
  await expect(operators('http://93.184.216.34/')).rejects.toThrow('is not reached by https')
  await expect(operators('file:///etc/passwd')).rejects.toThrow('no address of the web')
})
