import type { StorageKind } from './storage-home.ts'
import { Socket } from 'node:net'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { EXIT_CONFIG, EXIT_TEMPFAIL, ExitError } from '../../errors/exit-error.ts'
import { claimStorageHome, storageLocks } from './storage-home.ts'

const RECONNECT_MS = 1000
/** A connection that was cut without a word is found out by asking on it. */
const PROBE_MS = 30_000
const ANSWER_MS = 10_000

/** Why a process may not serve: the bytes are elsewhere (`home`), or somebody is changing where they are. */
export class NotServing extends ExitError {
  override readonly name = 'NotServing'
  readonly home: StorageKind | undefined

  constructor(kind: StorageKind, home: StorageKind | undefined) {
    if (home === undefined) super('The bytes are being moved to another store just now (move-storage). Start again when that has ended.', EXIT_TEMPFAIL)
    else super(`The bytes of this deployment are in STORAGE=${home}, but this process has STORAGE=${kind}. Set STORAGE=${home}, or move them: node server/src/main.ts move-storage --to ${kind}`, EXIT_CONFIG)
    this.home = home
  }
}

export interface ServingLock {
  release: () => Promise<void>
}

export interface ServingLockOptions {
  databaseUrl: string
  /** The driver that this process serves from. The first one to start decides it for the deployment. */
  kind: StorageKind
  onError: (error: unknown) => void
  /** The lock was lost, and when it was back the bytes were elsewhere: the process has to end. */
  onMoved: (reason: NotServing) => void
  reconnectMs?: number
  probeMs?: number
  answerMs?: number
}

interface Connection { client: pg.Client, socket: Socket, probe?: NodeJS.Timeout }

/**
 * Says, for as long as its connection lives, that a process serves from `kind`; comes back by itself when it is lost, and looks again then.
 * In between, `requireStorageHome` keeps new bytes out of a store that is no longer the one.
 * @throws {NotServing} when the bytes are elsewhere or on their way
 */
export async function takeServingLock({ databaseUrl, kind, onError, onMoved, reconnectMs = RECONNECT_MS, probeMs = PROBE_MS, answerMs = ANSWER_MS }: ServingLockOptions): Promise<ServingLock> {
  let current: Connection | undefined
  let retry: NodeJS.Timeout | undefined
  let released = false

  async function connect(): Promise<void> {
    const socket = new Socket()
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'clientshare-serving',
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: answerMs,
      stream: () => socket,
    })
    const connection: Connection = { client, socket }
    client.on('error', error => lose(connection, error))
    client.on('end', () => lose(connection))
    try {
      await client.connect()
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock_shared($1) as held', [storageLocks.serving])
      if (!rows[0]!.held) throw new NotServing(kind, undefined)
      const home = await claimStorageHome(drizzle(client), kind)
      if (home !== kind) throw new NotServing(kind, home)
    }
    catch (error) {
      socket.destroy()
      throw error
    }
    if (released) return void socket.destroy()
    current = connection
    connection.probe = setInterval(() => {
      client.query('select 1').catch((error: unknown) => lose(connection, error))
    }, probeMs).unref()
  }

  function lose(connection: Connection, error?: unknown): void {
    clearInterval(connection.probe)
    connection.socket.destroy()
    if (released || current !== connection) return
    current = undefined
    onError(error ?? new Error('The connection that says that this process serves was closed'))
    retryLater()
  }

  function retryLater(): void {
    if (released) return
    retry = setTimeout(() => {
      connect().catch((error: unknown) => {
        if (error instanceof NotServing && error.home !== undefined) {
          if (!released) onMoved(error)
          return
        }
        onError(error)
        retryLater()
      })
    }, reconnectMs)
  }

  await connect()
  return {
    async release() {
      released = true
      clearTimeout(retry)
      if (!current) return
      clearInterval(current.probe)
      await Promise.race([
        current.client.end(),
        new Promise(resolve => setTimeout(resolve, 1000).unref()),
      ])
      current.socket.destroy()
    },
  }
}
