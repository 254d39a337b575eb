import type { Component } from 'vue'
import { defineAsyncComponent } from 'vue'
import { untilReachable } from './routing.ts'

/**
 * A part whose code is loaded when it is first shown. With the server away it shows as soon as it can, as places do; after a moment without a
 * network, as when a computer changes it, at the second try. What cannot be had then either is another release's.
 */
export function lazy<T extends Component>(load: () => Promise<{ default: T }>) {
  return defineAsyncComponent({
    loader: load,
    onError: (_error, retry, fail, attempts) => void untilReachable().then(tries => tries === 0 && attempts > 1
      ? fail()
      : retry()),
  })
}
