import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export interface NameServer {
  port: number
  /** What every name leads to from now on (IPv4). */
  addresses: string[]
  close: () => void
}

const HEADER_BYTES = 12
const TYPE_A = 1

/** A name server on this host, as Docker's own is for the containers of a service. */
export async function startNameServer(addresses: string[]): Promise<NameServer> {
  const socket = createSocket('udp4')
  const server = { addresses }
  socket.on('message', (query, { port, address }) => socket.send(answer(query, server.addresses), port, address))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return Object.assign(server, {
    port: socket.address().port,
    close: () => void socket.close(),
  })
}

/** RFC 1035 §4.1: the question again, and an A record for each address. */
function answer(query: Buffer, addresses: string[]): Buffer {
  const nameEnd = query.indexOf(0, HEADER_BYTES) + 1
  const question = query.subarray(HEADER_BYTES, nameEnd + 4)
  const records = query.readUInt16BE(nameEnd) === TYPE_A
    ? addresses
    : []
  const header = Buffer.alloc(HEADER_BYTES)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE(0x8580, 2) // an answer, authoritative, recursion available
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([
    header,
    question,
    ...records.map((address) => {
      const record = Buffer.alloc(16)
      record.writeUInt16BE(0xC00C, 0) // the name asked for
      record.writeUInt16BE(TYPE_A, 2)
      record.writeUInt16BE(1, 4) // class IN; the lifetime stays 0
      record.writeUInt16BE(4, 10)
      record.set(address.split('.').map(Number), 12)
      return record
    }),
  ])
}
