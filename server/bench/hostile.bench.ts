import type { Row } from './measure.ts'
import type { Subject } from './subject.ts'
import { compare, MIB } from './measure.ts'

const ASKED = 300
const SENDERS = 4

/** What others get while somebody sends what is only there to hold the process: bodies that nest, and bodies that are much too long. */
export async function benchHostile({ server, api }: Subject): Promise<Row[]> {
  const ask = async () => {
    for (let n = 0; n < ASKED; n++) await (await fetch(`${server.url}/healthz`)).arrayBuffer()
  }
  async function meanwhile(send: () => Promise<Response>): Promise<void> {
    const over = new AbortController()
    const senders = Array.from({ length: SENDERS }, async () => {
      while (!over.signal.aborted) await send().then(answer => answer.arrayBuffer(), () => undefined)
    })
    await ask()
    over.abort()
    await Promise.all(senders)
  }
  const post = (path: string, body: string, token = '') => fetch(`${api.base}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'authorization': `Bearer ${token}` },
  })
  const nested = '['.repeat(MIB)
  const rows: Row[] = []
  for (const { what, send } of [
    {
      what: '1 MiB of “[” to the sign-in',
      send: () => post('/auth/login', nested),
    },
    {
      what: 'as much as a route takes of “[”, by a member',
      send: () => post('/admin/policies', nested.slice(1), api.token),
    },
    {
      what: '12 MB to the sign-in',
      send: () => post('/auth/login', ' '.repeat(12_000_000)),
    },
  ]) {
    rows.push(await compare(`answers while ${SENDERS} send ${what}`, ASKED, 'answers/s', [
      {
        name: 'Meanwhile',
        work: () => meanwhile(send),
      },
      { name: 'alone', work: ask },
    ]))
  }
  return rows
}
