import { onScopeDispose, watch } from 'vue'

/** What Back closes, the topmost last. */
const open: (() => void)[] = []

interface State { position?: number, back?: string | null, current?: string }
const stateOf = (state: unknown) => (state ?? {}) as State

/** Back closes this while it is open, instead of leaving the page under it. */
export function useBackCloses(isOpen: () => boolean, close: () => void) {
  const leave = () => {
    const at = open.indexOf(close)
    if (at >= 0) open.splice(at, 1)
  }
  watch(isOpen, (now) => {
    leave()
    if (!now) return
    open.push(close)
    const { back, current } = stateOf(history.state)
    // Nobody is asked about a step out of the app: its first page needs one to take back. To the router both are one place.
    if (!back) history.pushState({ ...history.state, back: current }, '')
  }, { immediate: true })
  onScopeDispose(leave)
}

/**
 * Lets Back close what is open on the page. To be called before the router begins to listen: it does not hear of a step that is taken back.
 * @param options.position where in the tab's history the page in view is, as the router counts
 */
export function closeOnBack({ position }: { position: () => number }) {
  let restoring = false
  addEventListener('popstate', (event) => {
    const close = open.at(-1)
    if (!restoring && !close) return
    event.stopImmediatePropagation()
    if (restoring) {
      restoring = false
      return
    }
    const gone = position() - (stateOf(event.state).position ?? position())
    close!()
    if (gone === 0) return
    restoring = true
    history.go(gone)
  }, { capture: true })
}
