import { Socket } from 'node:net'
import pg from 'pg'

const RECONNECT_MS = 1000
/** A connection that was cut without a word is found out by asking on it. */
const PROBE_MS = 30_000
const ANSWER_MS = 10_000
const CLOSE_MS = 1000

/** Milliseconds. */
export interface KeptConnectionTimes {
  /** From the loss of a connection to the next try. */
  reconnectMs?: number
  probeMs?: number
  answerMs?: number
}

export interface KeptConnectionOptions extends KeptConnectionTimes {
  databaseUrl: string
  /** As PostgreSQL shows it (`application_name`). */
  name: string
  /** Makes a new connection what it is for. By its error that connection is closed. */
  begin: (client: pg.Client) => Promise<void>
  /** The connection was lost, or did not come back: whether to try again. */
  onLost: (error: unknown) => 'retry' | 'end'
  /** There is one again, after a loss. */
  onBack?: () => void
}

/**
 * Keeps one connection outside the pool, for what PostgreSQL gives to a connection and not to a transaction: locks for as long as a process lives,
 * and LISTEN. Lost, it is made again.
 * @throws what connecting or `begin` throws the first time; nothing is kept then
 */
export async function keepConnection({ databaseUrl, name, begin, onLost, onBack, reconnectMs = RECONNECT_MS, probeMs = PROBE_MS, answerMs = ANSWER_MS }: KeptConnectionOptions): Promise<{ close: () => Promise<void> }> {
  let current: { client: pg.Client, socket: Socket, probe: NodeJS.Timeout } | undefined
  let retry: NodeJS.Timeout | undefined
  let closed = false

  async function connect(): Promise<void> {
    const socket = new Socket() // of our own, to be destroyed whatever the client waits for
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: name,
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: answerMs,
      stream: () => socket,
    })
    client.on('error', error => lose(client, error))
    client.on('end', () => lose(client, new Error(`The connection ${name} was closed`)))
    try {
      await client.connect()
      await begin(client)
    }
    catch (error) {
      socket.destroy()
      throw error
    }
    if (closed) return void socket.destroy()
    const probe = setInterval(() => {
      client.query('select 1').catch((error: unknown) => lose(client, error))
    }, probeMs).unref()
    current = { client, socket, probe }
  }

  function lose(client: pg.Client, error: unknown): void {
    if (current?.client !== client) return // still being made, or lost already
    clearInterval(current.probe)
    current.socket.destroy()
    current = undefined
    tryAgain(error)
  }

  function tryAgain(error: unknown): void {
    if (closed || onLost(error) === 'end') return
    retry = setTimeout(() => connect().then(() => {
      if (!closed) onBack?.()
    }, tryAgain), reconnectMs)
  }

  await connect()
  return {
    async close() {
      closed = true
      clearTimeout(retry)
      if (!current) return
      const { client, socket, probe } = current
      clearInterval(probe)
      await Promise.race([
        client.end(),
        new Promise(resolve => setTimeout(resolve, CLOSE_MS).unref()),
      ])
      socket.destroy()
    },
  }
}
