import type { Ref } from 'vue'
import { nextTick, ref } from 'vue'
import { breathe } from '../utils/breathe.ts'

/** Those who wait, in the order in which they asked; undefined when the app has started. */
let waiting: Ref<boolean>[] | undefined = []
let isServing = false

async function serve() {
  isServing = true
  while (waiting!.length > 0) {
    await breathe()
    waiting!.shift()!.value = true
    // What it shows may ask for turns itself.
    await nextTick()
  }
  waiting = undefined
}

/**
 * Whether it is one's turn: while the app starts, each part that asks gets a task of its own, so that the browser paints and hears whoever
 * reads in between. Later it is true from the beginning.
 */
export function useTurn(): Ref<boolean> {
  const isIn = ref(!waiting)
  waiting?.push(isIn)
  if (waiting && !isServing) void serve()
  return isIn
}
