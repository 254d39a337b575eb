import type { KeptSource, UploadMemory } from './memory.ts'
import type { Transfer, TransferRecord, TransferState } from './transfer.ts'
import { isSameFile } from './resume-match.ts'
import { isOver } from './transfer.ts'

export interface KeeperDeps {
  memory: UploadMemory
  find: (id: string) => Transfer | undefined
  onChange: () => void
  /** What is through sooner is never written down. */
  patienceMs?: number
}

/** The browser copies a File that it keeps, so only small ones are, and not too many of them. */
const copyBytes = 128 * 1024 * 1024
const copiesBytes = 512 * 1024 * 1024

type Permission = 'granted' | 'denied' | 'prompt'
interface HandleWithPermission extends FileSystemFileHandle {
  queryPermission?: (descriptor: { mode: 'read' }) => Promise<Permission>
  requestPermission?: (descriptor: { mode: 'read' }) => Promise<Permission>
}

/** Remembers what is on its way, late enough that thousands of small files cost nothing, and finds the bytes again. */
export function createKeeper({ memory, find, onChange, patienceMs = 1_500 }: KeeperDeps) {
  const unkept = new Map<string, { source: KeptSource, since: number }>()
  const locked = new Map<string, HandleWithPermission>()
  const known = new Set<string>()
  let copied = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  /** One write after another: the last state of a transfer must be the one that stays. */
  let writing: Promise<unknown> = Promise.resolve()

  const toRecord = ({ state: _state, sent: _sent, speed: _speed, problem: _problem, retryAt: _retryAt, kept: _kept, item: _item, ...record }: Transfer): TransferRecord => record

  function later(write: () => Promise<unknown>) {
    writing = writing.then(write, write)
  }

  function keep(id: string) {
    const entry = unkept.get(id)
    const transfer = find(id)
    unkept.delete(id)
    if (!entry || !transfer || isOver(transfer)) return
    known.add(id)
    const { source } = entry
    if (!('getFile' in source)) {
      if (source.size > copyBytes || copied + source.size > copiesBytes) return later(() => memory.save(toRecord(transfer)))
      copied += source.size
    }
    later(async () => {
      await memory.save(toRecord(transfer))
      const kept = await memory.keepSource(id, source)
      // It may have ended meanwhile.
      if (!known.has(id)) return memory.remove([id])
      transfer.kept = kept
      onChange()
    })
  }

  function tick() {
    timer = undefined
    const due = Date.now() - patienceMs
    for (const [id, { since }] of unkept) {
      if (since <= due) keep(id)
    }
    schedule()
  }

  function schedule() {
    if (unkept.size > 0) timer ??= setTimeout(tick, patienceMs)
  }

  async function open(record: TransferRecord, handle: FileSystemFileHandle): Promise<{ state: TransferState, file?: File }> {
    try {
      const file = await handle.getFile()
      return isSameFile(record, file)
        ? { state: 'waiting', file }
        : { state: 'lost' }
    }
    catch {
      return { state: 'lost' }
    }
  }

  return {
    /** From now on this is where the transfer's bytes come from. */
    watch(id: string, source: KeptSource) {
      unkept.set(id, {
        source,
        since: Date.now(),
      })
      schedule()
    },

    /** Writes down where it stands; the first time, with its source. */
    save(transfer: Transfer) {
      if (unkept.has(transfer.id) && transfer.session) keep(transfer.id)
      else if (known.has(transfer.id)) later(async () => known.has(transfer.id) && memory.save(toRecord(transfer)))
    },

    forget(ids: string[]) {
      const written = ids.filter(id => known.delete(id))
      for (const id of ids) {
        unkept.delete(id)
        locked.delete(id)
      }
      if (written.length > 0) later(() => memory.remove(written))
    },

    /** What a remembered transfer can do now, and its file when that can be read. */
    async reopen(record: TransferRecord, source: KeptSource | undefined): Promise<{ state: TransferState, file?: File }> {
      known.add(record.id)
      if (!source) return { state: 'lost' }
      if (!('getFile' in source)) {
        copied += source.size
        return { state: 'waiting', file: source }
      }
      const permission = await (source as HandleWithPermission).queryPermission?.({ mode: 'read' }).catch(() => 'denied' as const) ?? 'granted'
      if (permission === 'granted') return open(record, source)
      locked.set(record.id, source)
      return { state: 'locked' }
    },

    async unlock(transfer: Transfer): Promise<{ state: TransferState, file?: File }> {
      const handle = locked.get(transfer.id)
      if (!handle) return { state: 'lost' }
      const permission = await handle.requestPermission?.({ mode: 'read' }).catch(() => 'denied' as const) ?? 'granted'
      return permission === 'granted'
        ? open(transfer, handle)
        : { state: 'locked' }
    },

    dispose() {
      clearTimeout(timer)
      unkept.clear()
      known.clear()
    },
  }
}
