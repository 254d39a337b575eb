import type { LiveBus, LiveEvent } from './live-bus.ts'
import { AppError } from '../errors/app-error.ts'

/** Bytes that are on their way, in or out. */
export interface Transfer {
  workspaceId: string
  /** Whose right it is by; null: a link's, which is its creator's. */
  userId: string | null
  /** @throws {AppError} once whoever it is for may not have it any more */
  check: () => Promise<void>
}

export interface Transfers {
  /** To be taken before the right is looked at, and given to `begin`: what ends it in between is not missed. */
  mark: () => number
  /** `signal` is aborted, with the refusal as its reason, when the right has ended. `end` when it is over, in whichever way. */
  begin: (transfer: Transfer, mark: number) => { signal: AbortSignal, end: () => void }
  /** Runs work that ends with its right. @throws {AppError} the refusal, instead of whatever the work made of it */
  during: <T>(transfer: Transfer, mark: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** How many are under way in this process. */
  count: () => number
}

/**
 * The one register of transfers under way. Rights are looked at before a transfer begins; it may take hours, and somebody may be disabled, a membership, a link or a
 * token ended meanwhile. What ends a right tells the live bus, in the transaction that ends it, and whom it concerns is asked again, in every process.
 */
export function createTransfers({ live, onError }: { live: Pick<LiveBus, 'subscribeAll' | 'onGap'>, onError: (error: unknown) => void }): Transfers {
  const underWay = new Map<Transfer, { controller: AbortController, asks?: Promise<void>, asksAgain: boolean }>()
  let told = 0

  async function ask(transfer: Transfer): Promise<void> {
    const state = underWay.get(transfer)
    if (!state) return
    // However much happens at once, one question is under way and one waits.
    if (state.asks) {
      state.asksAgain = true
      return
    }
    state.asks = transfer.check().catch((error: unknown) => {
      // A database that does not answer takes nothing away from anybody.
      if (error instanceof AppError) state.controller.abort(error)
      else onError(error)
    })
    await state.asks
    state.asks = undefined
    if (state.asksAgain) {
      state.asksAgain = false
      await ask(transfer)
    }
  }

  function askAll(concerns: (transfer: Transfer) => boolean): void {
    told++
    for (const transfer of underWay.keys()) {
      if (concerns(transfer)) void ask(transfer)
    }
  }

  live.subscribeAll((event) => {
    if (endsRights(event)) askAll(transfer => isConcerned(transfer, event))
  })
  live.onGap(() => askAll(() => true))

  const begin: Transfers['begin'] = (transfer, mark) => {
    const controller = new AbortController()
    underWay.set(transfer, { controller, asksAgain: false })
    if (mark !== told) void ask(transfer)
    return {
      signal: controller.signal,
      end: () => void underWay.delete(transfer),
    }
  }

  return {
    mark: () => told,
    begin,
    async during(transfer, mark, signal, work) {
      const { signal: ended, end } = begin(transfer, mark)
      try {
        return await work(AbortSignal.any([signal, ended]))
      }
      catch (error) {
        throw ended.aborted
          ? ended.reason
          : error
      }
      finally {
        end()
      }
    },
    count: () => underWay.size,
  }
}

type Ending = Extract<LiveEvent, { topic: 'members' | 'links' | 'account' }>

const endsRights = (event: LiveEvent): event is Ending => event.topic === 'members' || event.topic === 'links' || event.topic === 'account'

/** By a link somebody else's right goes on: whatever happens to people may end it. */
function isConcerned({ workspaceId, userId }: Transfer, event: Ending): boolean {
  if (event.topic === 'links') return userId === null && event.workspaceId === workspaceId
  // Without a person it is about all of them: what a workspace asks of its members.
  const isTheirs = event.userId === undefined || userId === null || userId === event.userId
  return isTheirs && (event.topic === 'account' || event.workspaceId === workspaceId)
}
