import { createSharedComposable, useIntervalFn, useNow } from '@vueuse/core'

/** One clock for every row that counts down. */
export const useSecondClock = createSharedComposable(() => useNow({
  scheduler: tick => useIntervalFn(tick, 1000),
}))
