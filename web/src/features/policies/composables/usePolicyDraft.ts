import type { ChangeWorkspacePolicyDraftData, Policy } from '../../../api/generated/types.gen.ts'
import { useQueryCache } from '@pinia/colada'
import { useDebounceFn } from '@vueuse/core'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { toProblem } from '../../../api/problem.ts'
import { reloadQueries } from '../../../utils/reload-queries.ts'
import { usePolicyDesk } from './usePolicyDesk.ts'

export const policyKeys = {
  list: ['policies', 'list'] as const,
  files: ['policies', 'files'] as const,
}

const AUTOSAVE_MS = 1200

interface Highlight { title: string, sentence: string }
/** What is finished of them; the server keeps no half ones. */
const finished = (highlights: readonly Highlight[]) => highlights.map(({ title, sentence }) => ({
  title: title.trim(),
  sentence: sentence.trim(),
})).filter(({ title, sentence }) => title && sentence)

/**
 * A policy's draft in one language as it is being written. Saves itself a moment after the last change, one request at a time, never over somebody
 * else's: their version then waits in `theirs` until the writer has chosen.
 */
export function usePolicyDraft(policyId: string, wantedLanguage: string | undefined) {
  const cache = useQueryCache()
  const { locale } = useI18n()
  // The one that the page was opened at, wherever the address leads meanwhile.
  const desk = usePolicyDesk().value
  /** As the server has it. */
  const policy = shallowRef<Policy>()
  const language = ref(wantedLanguage ?? '')
  const draft = ref({
    title: '',
    markdown: '',
    slug: '',
    highlights: [] as Highlight[],
  })
  const loadError = shallowRef<unknown>()
  const saveError = shallowRef<unknown>()
  const theirs = shallowRef<Policy>()
  const isSaving = ref(false)
  let saving: Promise<boolean> | undefined
  let gone = false

  const savedDraft = computed(() => policy.value?.drafts.find(each => each.language === language.value))
  const changes = (): Omit<ChangeWorkspacePolicyDraftData['body'], 'language'> => {
    const saved = savedDraft.value
    if (!saved) return {}
    const { title, markdown, slug } = draft.value
    const highlights = finished(draft.value.highlights)
    return {
      ...title.trim() === saved.title
        ? {}
        : {
            title: title.trim(),
          },
      ...markdown === saved.markdown
        ? {}
        : { markdown },
      ...slug === policy.value!.slug
        ? {}
        : { slug },
      ...JSON.stringify(highlights) === JSON.stringify(saved.highlights)
        ? {}
        : { highlights },
    }
  }
  const isDirty = computed(() => Object.keys(changes()).length > 0)

  function take(next: Policy) {
    policy.value = next
    void reloadQueries(cache, policyKeys.list)
  }

  function adopt(next: Policy) {
    take(next)
    if (!savedDraft.value) language.value = (next.drafts.find(({ title }) => title === next.title) ?? next.drafts[0]!).language
    const { title, markdown, highlights } = savedDraft.value!
    draft.value = {
      title,
      markdown,
      slug: next.slug,
      highlights: highlights.map(each => ({ ...each })),
    }
    theirs.value = undefined
    saveError.value = undefined
  }

  const fetchPolicy = () => desk.get(policyId, locale.value)

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
      take(await desk.change(policyId, {
        language: language.value,
        ...changes(),
      }, policy.value!.etag))
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
  watch(locale, () => void fetchPolicy().then((next) => { if (!isDirty.value) take(next) }, () => {}))
  void load()

  /** Another language's draft comes into view once what is written in this one is saved. @returns whether it did */
  async function turnTo(next: string): Promise<boolean> {
    if (!await save()) return false
    language.value = next
    adopt(policy.value!)
    return true
  }

  return {
    policy,
    language,
    draft,
    savedDraft,
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
    turnTo,
    /** Begins a draft in a language with the starter text. @throws when it cannot */
    async begin(next: string) {
      if (!await save()) return
      take(await desk.change(policyId, { language: next }, policy.value!.etag))
      await turnTo(next)
    },
    /** @throws when it cannot */
    async remove(last: string) {
      adopt(await desk.removeDraft(policyId, last, policy.value!.etag))
    },
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
