import type { ProblemError } from '../api/problem.ts'
import type { FolderMaker } from './folder-maker.ts'
import type { Hasher } from './hasher.ts'
import type { UploadMemory } from './memory.ts'
import type { ConflictChoice, Transfer, TransferRecord, UploadedItem } from './transfer.ts'
import type { Transport } from './transport.ts'
import type { FoundTree } from './tree-walk.ts'
import { toProblem } from '../api/problem.ts'
import { FolderLeftOutError } from './folder-maker.ts'
import { UnreadableFileError } from './hasher.ts'
import { createKeeper } from './keeper.ts'
import { matchFiles } from './resume-match.ts'
import { pickNext } from './schedule.ts'
import { sendFile } from './send-file.ts'
import { createSlots } from './slots.ts'
import { createSpeedometer } from './speed.ts'
import { isOver, needsAttention } from './transfer.ts'

export interface UploaderDeps {
  userId: string
  transport: Transport
  hasher: Hasher
  folders: FolderMaker
  memory: UploadMemory
  /** Something about `transfers` has changed; comes often. */
  onChange: () => void
  onDone?: (transfer: Transfer, item: UploadedItem) => void
  filesAtOnce?: number
  partsAtOnce?: number
  online?: boolean
  now?: () => number
  random?: () => number
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface UploadTarget { workspaceId: string, parentId: string }

/** Why a running transfer is stopped. */
class Stop extends Error {
  readonly next: 'paused' | 'waiting' | 'gone'
  constructor(next: Stop['next']) {
    super(next)
    this.next = next
  }
}

/**
 * The queue: what is to be sent, what is on its way, what waits for the person. Knows no framework and no page; `transfers` is
 * its whole visible state.
 */
export function createUploader(deps: UploaderDeps) {
  const { transport, folders, memory, userId, filesAtOnce = 3, partsAtOnce = 4, now = Date.now } = deps
  const transfers: Transfer[] = []
  const running = new Map<string, AbortController>()
  const files = new Map<string, File>()
  const speeds = new Map<string, ReturnType<typeof createSpeedometer>>()
  const total = createSpeedometer(now)
  const slots = createSlots(partsAtOnce)
  /** What the person said for everything of one batch. */
  const answers = new Map<string, ConflictChoice>()
  const keeper = createKeeper({
    memory,
    find: id => transfers.find(transfer => transfer.id === id),
    onChange: deps.onChange,
  })
  let online = deps.online ?? true

  const find = (id: string) => transfers.find(transfer => transfer.id === id)

  function set(transfer: Transfer, state: Transfer['state'], problem?: ProblemError) {
    transfer.state = state
    transfer.problem = problem
    transfer.retryAt = undefined
    if (state !== 'sending') {
      speeds.delete(transfer.id)
      transfer.speed = null
    }
    deps.onChange()
  }

  function pump() {
    if (!online) return
    for (const transfer of pickNext(transfers, filesAtOnce)) void run(transfer)
    if (running.size === 0) total.reset()
  }

  async function run(transfer: Transfer) {
    const controller = new AbortController()
    running.set(transfer.id, controller)
    speeds.set(transfer.id, createSpeedometer(now))
    set(transfer, 'sending')
    let inFolder = false
    try {
      transfer.way = await folders.ensure(transfer.batchId, transfer.workspaceId, transfer.parentId, transfer.folders)
      const parentId = transfer.way.at(-1)?.id ?? transfer.parentId
      controller.signal.throwIfAborted()
      inFolder = true
      const file = files.get(transfer.id)
      if (!file) throw new UnreadableFileError()
      const item = await sendFile(transfer, parentId, file, {
        transport,
        hasher: deps.hasher,
        slots,
        random: deps.random,
        wait: deps.wait,
        onChange: deps.onChange,
        save: keeper.save,
        onBytes: (of, bytes) => {
          total.add(bytes)
          const own = speeds.get(of.id)
          own?.add(bytes)
          of.speed = own?.read() ?? null
          deps.onChange()
        },
      }, controller.signal)
      finish(transfer, item)
    }
    catch (error) {
      if (controller.signal.aborted) {
        const { next } = controller.signal.reason as Stop
        if (next !== 'gone') set(transfer, next)
      }
      else { settle(transfer, error, inFolder) }
    }
    finally {
      running.delete(transfer.id)
      pump()
    }
  }

  function finish(transfer: Transfer, item: UploadedItem) {
    transfer.sent = transfer.size
    transfer.item = item
    set(transfer, 'done')
    keeper.forget([transfer.id])
    files.delete(transfer.id)
    deps.onDone?.(transfer, item)
  }

  function settle(transfer: Transfer, error: unknown, inFolder: boolean) {
    if (error instanceof UnreadableFileError) {
      set(transfer, 'lost')
      return
    }
    if (error instanceof FolderLeftOutError) {
      resolve(transfer, 'skip')
      return
    }
    const problem = toProblem(error)
    // A folder that a name is taken for is nothing that renaming this file could solve.
    if (inFolder && problem.code === 'item.name_taken' && transfer.onConflict === 'fail') {
      const answer = answers.get(transfer.batchId)
      set(transfer, 'conflict', problem)
      if (answer) resolve(transfer, answer)
      return
    }
    if (problem.status === 404) folders.forget()
    set(transfer, 'failed', problem)
  }

  function resolve(transfer: Transfer, choice: ConflictChoice) {
    dropSession(transfer)
    if (choice === 'skip') {
      set(transfer, 'skipped')
      keeper.forget([transfer.id])
      files.delete(transfer.id)
      return
    }
    transfer.onConflict = choice
    keeper.save(transfer)
    set(transfer, 'waiting')
  }

  function dropSession(transfer: Transfer) {
    const { session } = transfer
    transfer.session = undefined
    transfer.whole = undefined
    transfer.sent = 0
    // What stays behind is swept by the server.
    if (session) transport.abort(session).catch(() => {})
  }

  function stop(transfer: Transfer, next: Stop['next']) {
    running.get(transfer.id)?.abort(new Stop(next))
  }

  function insert(record: TransferRecord, state: Transfer['state'], kept: boolean): Transfer {
    const transfer: Transfer = {
      ...record,
      state,
      sent: 0,
      speed: null,
      kept,
    }
    transfers.push(transfer)
    return transfer
  }

  const uploader = {
    transfers: transfers as readonly Transfer[],
    /** Bytes a second over everything. */
    speed: () => total.read(),
    get online() { return online },

    /**
     * Puts what was dropped or chosen into the queue; empty folders are made at once.
     * @param target.versionOf the name of the file there that a chosen one becomes the next version of
     * @throws {ProblemError} when a folder cannot be made
     */
    async add({ versionOf, ...target }: UploadTarget & { versionOf?: string }, tree: FoundTree): Promise<Transfer[]> {
      const batchId = crypto.randomUUID?.() ?? `${now()}-${Math.random()}`
      const added = tree.files.map(({ file, folders, handle }, index) => {
        const transfer = insert({
          id: `${batchId}/${index}`,
          userId,
          batchId,
          ...target,
          folders,
          name: versionOf ?? file.name,
          ...versionOf === undefined
            ? {}
            : { sourceName: file.name },
          size: file.size,
          lastModified: file.lastModified,
          mediaType: file.type,
          onConflict: versionOf === undefined
            ? 'fail'
            : 'replace',
          paused: false,
          addedAt: now() + index / 1e6,
        }, 'waiting', false)
        files.set(transfer.id, file)
        keeper.watch(transfer.id, handle ?? file)
        return transfer
      })
      deps.onChange()
      pump()
      await Promise.all(tree.emptyFolders.map(path => folders.ensure(batchId, target.workspaceId, target.parentId, path).catch((error: unknown) => {
        if (!(error instanceof FolderLeftOutError)) throw error
      })))
      return added
    },

    /** Brings back what an earlier page has left unfinished. */
    async restore(): Promise<void> {
      for (const { record, source } of await memory.list(userId)) {
        if (find(record.id)) continue
        const { state, file } = await keeper.reopen(record, source)
        const transfer = insert(record, state === 'waiting' && record.paused
          ? 'paused'
          : state, source !== undefined)
        if (file) files.set(record.id, file)
        if (record.session && record.whole) transfer.sent = Math.min(record.size, record.whole.through * record.session.partSize)
      }
      deps.onChange()
      pump()
    },

    pause(id: string) {
      const transfer = find(id)
      if (!transfer || isOver(transfer) || needsAttention(transfer)) return
      transfer.paused = true
      keeper.save(transfer)
      if (transfer.state === 'sending') stop(transfer, 'paused')
      else set(transfer, 'paused')
    },

    /** Goes on after a pause, tries again after a failure. */
    resume(id: string) {
      const transfer = find(id)
      if (transfer?.state !== 'paused' && transfer?.state !== 'failed') return
      transfer.paused = false
      keeper.save(transfer)
      set(transfer, 'waiting')
      pump()
    },

    pauseAll: () => transfers.forEach(({ id }) => uploader.pause(id)),
    resumeAll: () => transfers.forEach(({ id }) => uploader.resume(id)),

    /** Stops it, and the server forgets what it has of it. */
    cancel(id: string) {
      const transfer = find(id)
      if (!transfer) return
      stop(transfer, 'gone')
      if (!isOver(transfer)) dropSession(transfer)
      transfers.splice(transfers.indexOf(transfer), 1)
      files.delete(id)
      keeper.forget([id])
      deps.onChange()
      pump()
    },

    cancelAll: () => [...transfers].forEach(transfer => !isOver(transfer) && uploader.cancel(transfer.id)),

    /** Takes what is over out of the list. */
    clearFinished() {
      for (let at = transfers.length - 1; at >= 0; at--) {
        if (isOver(transfers[at]!)) transfers.splice(at, 1)
      }
      deps.onChange()
    },

    /** The answer to a taken name; `all` answers for everything that came with it, now and later. */
    answer(id: string, choice: ConflictChoice, all: boolean) {
      const transfer = find(id)
      if (!transfer) return
      if (all) answers.set(transfer.batchId, choice)
      for (const other of transfers) {
        if (other.state === 'conflict' && (other.id === id || (all && other.batchId === transfer.batchId))) resolve(other, choice)
      }
      pump()
    },

    /** Asks the browser whether the file may be read again; has to come from a click. */
    async unlock(id: string): Promise<void> {
      const transfer = find(id)
      if (transfer?.state !== 'locked') return
      const { state, file } = await keeper.unlock(transfer)
      if (file) files.set(id, file)
      set(transfer, state)
      pump()
    },

    /** Files that the person chose again. @returns those that are none of the lost ones. */
    supply(chosen: readonly { file: File, handle?: FileSystemFileHandle }[]): File[] {
      const lost = transfers.filter(({ state }) => state === 'lost' || state === 'locked')
      const matches = matchFiles(lost, chosen.map(({ file }) => file))
      for (const [id, file] of matches) {
        const transfer = find(id)!
        files.set(id, file)
        keeper.watch(id, chosen.find(entry => entry.file === file)?.handle ?? file)
        set(transfer, 'waiting')
      }
      pump()
      const used = new Set(matches.values())
      return chosen.map(({ file }) => file).filter(file => !used.has(file))
    },

    setOnline(value: boolean) {
      if (online === value) return
      online = value
      if (!online) {
        for (const id of running.keys()) stop(find(id)!, 'waiting')
      }
      deps.onChange()
      pump()
    },

    /** Whether leaving the page now loses something: its bytes are kept nowhere yet. */
    wouldLose: () => transfers.some(transfer => !isOver(transfer) && !transfer.kept && transfer.state !== 'lost' && transfer.state !== 'failed'),

    /** Ends everything here; what is remembered stays for the next page, but with `signedOut` no bytes of files. */
    async dispose({ signedOut = false } = {}): Promise<void> {
      for (const controller of running.values()) controller.abort(new Stop('gone'))
      online = false
      transfers.splice(0)
      files.clear()
      keeper.dispose()
      deps.onChange()
      if (signedOut) await memory.forgetSources()
    },
  }
  return uploader
}

export type Uploader = ReturnType<typeof createUploader>
