import type { Format } from '../utils/format.ts'
import { createSharedComposable, useIntervalFn, useNow } from '@vueuse/core'
import { computed } from 'vue'
import { i18n, regionOf } from '../locales/index.ts'
import { createFormat } from '../utils/format.ts'

/** One clock for every “5 minutes ago” on the page. */
const useSlowClock = createSharedComposable(() => useNow({
  scheduler: tick => useIntervalFn(tick, 20_000),
}))

/** One for all parts of a page: rows of a list ask for it by the hundred. */
const format = computed(() => createFormat(regionOf(i18n.global.locale.value)))
// Reads through the computed at every call, so a template that formats follows the language.
const live = new Proxy({} as Format, {
  get: (_, name: keyof Format) => format.value[name],
})

/** Formatters in the reader's language; `relative` and `day` move on by themselves. See `utils/format.ts`. */
export function useFormat(): Format {
  const now = useSlowClock()
  return Object.assign(Object.create(live) as Format, {
    day: (at: Date | string | number) => format.value.day(at, now.value),
    relative: (at: Date | string | number) => format.value.relative(at, now.value),
  })
}
