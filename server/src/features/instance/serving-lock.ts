import type { KeptConnectionTimes } from '../../db/kept-connection.ts'
import type { StorageKind } from './storage-home.ts'
import { commandLine } from '../../config/command-line.ts'
import { advisoryLocks } from '../../db/advisory-locks.ts'
import { onConnection } from '../../db/database.ts'
import { keepConnection } from '../../db/kept-connection.ts'
import { EXIT_CONFIG, EXIT_TEMPFAIL, ExitError } from '../../errors/exit-error.ts'
import { claimStorageHome } from './storage-home.ts'

/** Why a process may not serve: the bytes are elsewhere (`home`), or somebody is changing where they are. */
export class NotServing extends ExitError {
  override readonly name = 'NotServing'
  readonly home: StorageKind | undefined

  constructor(kind: StorageKind, home: StorageKind | undefined) {
    if (home === undefined) super('The bytes are being moved to another store just now (move-storage). Start again when that has ended.', EXIT_TEMPFAIL)
    else super(`The bytes of this deployment are in STORAGE=${home}, but this process has STORAGE=${kind}. Set STORAGE=${home}, or move them: ${commandLine(`move-storage --to ${kind}`)}`, EXIT_CONFIG)
    this.home = home
  }
}

export interface ServingLock {
  release: () => Promise<void>
}

export interface ServingLockOptions extends KeptConnectionTimes {
  databaseUrl: string
  /** The driver that this process serves from. The first one to start decides it for the deployment. */
  kind: StorageKind
  onError: (error: unknown) => void
  /** The lock was lost, and when it was back the bytes were elsewhere: the process has to end. */
  onMoved: (reason: NotServing) => void
}

/**
 * Says, for as long as its connection lives, that a process serves from `kind`; comes back by itself when it is lost, and looks again then.
 * In between, `requireStorageHome` keeps new bytes out of a store that is no longer the one.
 * @throws {NotServing} when the bytes are elsewhere or on their way
 */
export async function takeServingLock({ databaseUrl, kind, onError, onMoved, ...times }: ServingLockOptions): Promise<ServingLock> {
  const { close } = await keepConnection({
    ...times,
    databaseUrl,
    name: 'clientshare-serving',
    async begin(client) {
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock_shared($1) as held', [advisoryLocks.serving])
      if (!rows[0]!.held) throw new NotServing(kind, undefined)
      const home = await claimStorageHome(onConnection(client), kind)
      if (home !== kind) throw new NotServing(kind, home)
    },
    onLost(error) {
      if (error instanceof NotServing && error.home !== undefined) {
        onMoved(error)
        return 'end'
      }
      onError(error)
      return 'retry'
    },
  })
  return { release: close }
}
