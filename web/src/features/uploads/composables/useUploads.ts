import type { UnusableName } from '../../../uploader/folder-names.ts'
import type { ConflictChoice, Transfer } from '../../../uploader/transfer.ts'
import type { FoundTree } from '../../../uploader/tree-walk.ts'
import type { Uploader, UploadTarget } from '../../../uploader/uploader.ts'
import { useQueryCache } from '@pinia/colada'
import { useEventListener, useThrottleFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { createFolder } from '../../../api/generated/sdk/files.gen.ts'
import { itemKeys } from '../../../api/query-keys.ts'
import { useSessionStore } from '../../../stores/session.ts'
import { createFolderMaker } from '../../../uploader/folder-maker.ts'
import { createFolderNames } from '../../../uploader/folder-names.ts'
import { createHasher } from '../../../uploader/hasher.ts'
import { createUploadMemory } from '../../../uploader/memory.ts'
import { summarize } from '../../../uploader/schedule.ts'
import { whatToShare } from '../../../uploader/share-all.ts'
import { createTransport } from '../../../uploader/transport.ts'
import { createUploader } from '../../../uploader/uploader.ts'
import { reloadQueries } from '../../../utils/reload-queries.ts'

const paintMs = 200
const refetchMs = 1_000
const sendingLock = 'clientshare.sending'

/** The one uploader of this tab, as the pages see it. Lives as long as the person is signed in. */
export const useUploads = defineStore('uploads', () => {
  const session = useSessionStore()
  const cache = useQueryCache()
  const memory = createUploadMemory()

  const transfers = shallowRef<Transfer[]>([])
  const speed = ref<number | null>(null)
  const online = ref(navigator.onLine)
  const folderNames = createFolderNames(() => { unusableNames.value = folderNames.open() })
  const unusableNames = shallowRef<UnusableName[]>([])
  let uploader: Uploader | null = null

  const paint = useThrottleFn(() => {
    transfers.value = uploader?.transfers.map(transfer => ({ ...transfer })) ?? []
    speed.value = uploader?.speed() ?? null
  }, paintMs, true)

  const touched = new Map<string, Set<string>>()
  const refetch = useThrottleFn(() => {
    for (const [workspaceId, parents] of touched) {
      for (const parentId of parents) void reloadQueries(cache, itemKeys.folder(workspaceId, parentId))
    }
    touched.clear()
  }, refetchMs, true)

  watch(() => session.me?.id, async (userId, before) => {
    // Who signs out leaves no files behind. What has gone up of them is theirs to go on with: others get no list of it.
    folderNames.answer(false)
    await uploader?.dispose({ signedOut: before !== undefined && userId === undefined })
    uploader = null
    if (!userId) return paint()
    uploader = createUploader({
      userId,
      memory,
      hasher: createHasher(),
      transport: createTransport({ get: session.accessToken, replace: session.replaceToken }),
      folders: createFolderMaker({
        create: async (workspaceId, parentId, name) => {
          const { data, response } = await createFolder({
            path: { workspaceId },
            body: { parentId, name, onConflict: 'merge' },
          })
          touch(workspaceId, parentId)
          return {
            id: data.id,
            name: data.name,
            isNew: response.status === 201,
          }
        },
        mayClean: folderNames.mayClean,
      }),
      online: online.value,
      onChange: () => void paint(),
      onDone: ({ workspaceId, parentId }, item) => touch(workspaceId, item.parentId ?? parentId),
    })
    await uploader.restore()
  }, { immediate: true })

  function touch(workspaceId: string, parentId: string) {
    touched.set(workspaceId, (touched.get(workspaceId) ?? new Set()).add(parentId))
    void refetch()
  }

  useEventListener(window, ['online', 'offline'], () => {
    online.value = navigator.onLine
    uploader?.setOnline(online.value)
  })
  useEventListener(window, 'beforeunload', (event) => {
    // After a sign-out, here or in another tab, it has been asked.
    if (session.isSignedIn && uploader?.wouldLose()) event.preventDefault()
  })

  const summary = computed(() => summarize(transfers.value, speed.value))
  const isSending = computed(() => summary.value.active > 0)
  let sent = () => {}
  // Held while this tab sends, for the others to see.
  watch(isSending, (now) => {
    sent()
    if (now) void navigator.locks?.request(sendingLock, { mode: 'shared' }, () => new Promise<void>((resolve) => { sent = resolve })).catch(() => {})
  })

  return {
    transfers,
    online,
    summary,
    /** Whether this tab, or another one of this browser, is sending files. */
    isAnySending: async () => isSending.value || ((await navigator.locks?.query().catch(() => undefined))?.held ?? []).some(({ name }) => name === sendingLock),
    /** What to share of all that went up, once nothing is on its way. */
    toShare: computed(() => summary.value.active + summary.value.paused + summary.value.attention > 0
      ? undefined
      : whatToShare(transfers.value)),
    /** The first whose name is taken; the dialog asks about it. */
    conflict: computed(() => transfers.value.find(({ state }) => state === 'conflict')),
    conflicts: computed(() => transfers.value.filter(({ state }) => state === 'conflict').length),
    add: async (target: UploadTarget & { versionOf?: string }, tree: FoundTree) => await uploader?.add(target, tree) ?? [],
    /** Folders whose names cannot be kept; the dialog asks about all of them. */
    unusableNames,
    cleanNames: (may: boolean) => folderNames.answer(may),
    supply: (files: File[]) => uploader?.supply(files.map(file => ({ file }))) ?? files,
    answer: (id: string, choice: ConflictChoice, all: boolean) => uploader?.answer(id, choice, all),
    pause: (id: string) => uploader?.pause(id),
    resume: (id: string) => uploader?.resume(id),
    unlock: (id: string) => uploader?.unlock(id),
    cancel: (id: string) => uploader?.cancel(id),
    pauseAll: () => uploader?.pauseAll(),
    resumeAll: () => uploader?.resumeAll(),
    cancelAll: () => uploader?.cancelAll(),
    clearFinished: () => uploader?.clearFinished(),
  }
})
