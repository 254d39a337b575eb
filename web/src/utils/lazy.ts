import type { Component } from 'vue'
import { defineAsyncComponent } from 'vue'
import { untilReachable } from './routing.ts'

/** A part whose code is loaded when it is first shown. With the server away it shows as soon as it can, as places do. */
export function lazy<T extends Component>(load: () => Promise<{ default: T }>) {
  return defineAsyncComponent({
    loader: load,
    onError: (_error, retry, fail) => void untilReachable().then(tries => tries === 0
      ? fail()
      : retry()),
  })
}
