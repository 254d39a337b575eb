import { ref } from 'vue'

/** Set with the first toast; app.vue then loads the part that shows them, which no page needs before. */
export const toasterWanted = ref(false)

let markReady = () => {}
const ready = new Promise<void>((resolve) => { markReady = resolve })

/** Called by app.vue when toasts can be measured and stacked. */
export const toasterReady = () => markReady()

/** Resolves when a toast may be added. */
export function prepareToaster(): Promise<void> {
  toasterWanted.value = true
  return ready
}
