import type { PolicyPreview } from '../../../api/generated/types.gen.ts'
import type { Mark } from '../../../utils/markdown.ts'
import { refDebounced } from '@vueuse/core'
import { computed, shallowRef, watch } from 'vue'
import { i18n } from '../../../locales/index.ts'
import { escapeHtml } from '../../../utils/markdown.ts'
import { usePolicyDesk } from './usePolicyDesk.ts'

export interface Written { language: string, markdown: string, highlights: { title: string, sentence: string }[] }

/** What a text will say, with its facts filled in by the server, a moment after each change; until then, and without an answer, as it was written. */
export function usePolicyPreview(written: () => Written) {
  const desk = usePolicyDesk().value
  const settled = refDebounced(computed(written), 300)
  const answered = shallowRef<PolicyPreview & { of: string }>()
  let turn = 0
  watch([settled, i18n.global.locale], async ([{ language, markdown, highlights }]) => {
    const own = ++turn
    if (!language) return
    try {
      const data = await desk.preview({
        language,
        markdown,
        highlights: highlights.filter(({ title, sentence }) => title.trim() && sentence.trim()),
      }, i18n.global.locale.value)
      if (own === turn) answered.value = { ...data, of: markdown }
    }
    catch {
      // Lost on the way, or too long: the words as they are written stand in for it.
      if (own === turn) answered.value = undefined
    }
  }, { immediate: true, deep: true })
  return computed(() => answered.value ?? {
    markdown: written().markdown,
    places: [],
    highlights: written().highlights.map(highlight => ({ ...highlight, places: [] })),
    missing: [],
  })
}

/** Lights the facts of a text; pointing at one says how it is written. */
export const factMarks = (markdown: string, places: PolicyPreview['places']): Mark[] => places.map(({ fact, start, end }) => {
  const isBlock = markdown.slice(start, end).includes('\n')
  return {
    start,
    end,
    isBlock,
    ...isBlock
      ? { open: `<div class="fact" title="::${escapeHtml(fact)}">`, close: '</div>' }
      : { open: `<span class="fact" title="{{${escapeHtml(fact)}}}">`, close: '</span>' },
  }
})
