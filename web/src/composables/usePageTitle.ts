import type { MaybeRefOrGetter } from 'vue'
import { computed, ref, toValue, watchEffect } from 'vue'
import { useRoute } from 'vue-router'
import { i18n } from '../locales/index.ts'

const override = ref<{ path: string, title: string }>()

/** Names the page after what it shows (a folder, a link) instead of its route's title. */
export function usePageTitle(title: MaybeRefOrGetter<string | undefined>) {
  const route = useRoute()
  watchEffect(() => {
    const text = toValue(title)
    if (text) override.value = { path: route.path, title: text }
  })
}

/** Called once, by the shell: keeps `document.title` in the reader's language. `name` is whose site this is. */
export function useDocumentTitle(name?: MaybeRefOrGetter<string | undefined>) {
  const route = useRoute()
  const brand = computed(() => toValue(name) || 'ClientShare')
  const title = computed(() => override.value?.path === route.path
    ? override.value.title
    : route.meta.title
      ? i18n.global.t(route.meta.title)
      : '')
  watchEffect(() => {
    document.title = title.value
      ? `${title.value} · ${brand.value}`
      : brand.value
  })
}
