import type { Policy } from '../../../api/generated/types.gen.ts'
import { useQueryCache } from '@pinia/colada'
import { useDebounceFn } from '@vueuse/core'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { changePolicyDraft, getPolicy } from '../../../api/generated/sdk/policies.gen.ts'
import { toProblem } from '../../../api/problem.ts'
import { reloadQueries } from '../../../utils/reload-queries.ts'

export const policyKeys = {
  list: ['policies', 'list'] as const,
}

const AUTOSAVE_MS = 1200

/**
 * A policy's draft as it is being written. Saves itself a moment after the last change, one request at a time, never over somebody
 * else's: their version then waits in `theirs` until the writer has chosen.
 */
export function usePolicyDraft(policyId: string) {
  const cache = useQueryCache()
  /** As the server has it. */
  const policy = shallowRef<Policy>()
  const draft = ref({ title: '', markdown: '', slug: '' })
  const loadError = shallowRef<unknown>()
  const saveError = shallowRef<unknown>()
  const theirs = shallowRef<Policy>()
  const isSaving = ref(false)
  let saving: Promise<boolean> | undefined
  let gone = false

  const changes = () => {
    const saved = policy.value
    if (!saved) return {}
    const { title, markdown, slug } = draft.value
    return {
      ...title.trim() === saved.draftTitle
        ? {}
        : {
            title: title.trim(),
          },
      ...markdown === saved.draftMarkdown
        ? {}
        : { markdown },
      ...slug === saved.slug
        ? {}
        : { slug },
    }
  }
  const isDirty = computed(() => Object.keys(changes()).length > 0)

  function take(next: Policy) {
    policy.value = next
    void reloadQueries(cache, policyKeys.list)
  }

  function adopt(next: Policy) {
    take(next)
    draft.value = { title: next.draftTitle, markdown: next.draftMarkdown, slug: next.slug }
    theirs.value = undefined
    saveError.value = undefined
  }

  const fetchPolicy = async () => (await getPolicy({
    path: { policyId },
  })).data

  async function load() {
    loadError.value = undefined
    try {
      adopt(await fetchPolicy())
    }
    catch (error) {
      loadError.value = error
    }
  }

  async function send(): Promise<boolean> {
    try {
      take((await changePolicyDraft({
        path: { policyId },
        body: changes(),
        headers: { 'if-match': policy.value!.etag },
      })).data)
      saveError.value = undefined
      return true
    }
    catch (error) {
      saveError.value = error
      if (toProblem(error).status === 412) theirs.value = await fetchPolicy().catch(() => undefined)
      return false
    }
  }

  /** Whether all is saved now. Keeps on while more is written meanwhile. */
  async function save(): Promise<boolean> {
    if (saving) return saving
    if (theirs.value) return false
    saving = (async () => {
      while (isDirty.value) {
        if (!await send()) return false
      }
      return true
    })()
    isSaving.value = true
    try {
      return await saving
    }
    finally {
      saving = undefined
      isSaving.value = false
    }
  }

  const autosave = useDebounceFn(() => {
    if (!gone) void save()
  }, AUTOSAVE_MS)
  onScopeDispose(() => { gone = true })
  void load()

  return {
    policy,
    draft,
    isDirty,
    loadError,
    saveError,
    theirs,
    state: computed(() => theirs.value
      ? 'conflict'
      : isSaving.value
        ? 'saving'
        : saveError.value
          ? 'failed'
          : isDirty.value
            ? 'unsaved'
            : 'saved'),
    load,
    save,
    edited: () => void autosave(),
    /** Publishing and the like have made a new state of the same draft. */
    take,
    takeTheirs: () => { if (theirs.value) adopt(theirs.value) },
    /** Goes on from their state, with what stands here. */
    keepMine: () => {
      if (!theirs.value) return
      policy.value = theirs.value
      theirs.value = undefined
      saveError.value = undefined
      void save()
    },
  }
}
