import type { MaybeRefOrGetter } from 'vue'
import type { LiveEvent } from './event-stream.ts'
import { onScopeDispose, toValue, watch } from 'vue'
import { useSessionStore } from '../stores/session.ts'
import { createEventStream } from './event-stream.ts'

/** What a live event is about: `items`, `links`, `members`, `activity`, `uploads`, `purges`, `notifications`. */
export const topicOf = ({ type, data }: LiveEvent): string => (data as { topic?: string } | null)?.topic ?? type

interface Listener {
  onEvent: (event: LiveEvent) => void
  onReconnect?: () => void
  onRefused?: () => void
}

/** A tab out of sight for so long gives its connection back. */
const hiddenMs = 5 * 60_000

/** One connection, however many components listen, and to whatever: HTTP/1.1 gives a browser six in all. */
let channel: { listeners: Set<Listener>, close: () => void } | undefined

function openChannel(listeners: Set<Listener>) {
  const session = useSessionStore()
  const stream = createEventStream({
    url: '/api/v1/me/events',
    // It stays open: what the page waits for goes first, and the page counts as loaded without it.
    fetch: (input, init) => globalThis.fetch(input, { ...init, priority: 'low' }),
    token: session.accessToken,
    replaceToken: session.replaceToken,
    onEvent: event => listeners.forEach(listener => listener.onEvent(event)),
    onReconnect: () => listeners.forEach(listener => listener.onReconnect?.()),
    onRefused: () => listeners.forEach(listener => listener.onRefused?.()),
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  const onVisibility = () => {
    clearTimeout(timer)
    if (document.visibilityState === 'hidden') timer = setTimeout(stream.stop, hiddenMs)
    else stream.start()
  }
  document.addEventListener('visibilitychange', onVisibility)
  stream.start()
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisibility)
    stream.stop()
  }
}

function join(listener: Listener): () => void {
  if (!channel) {
    const listeners = new Set<Listener>()
    channel = {
      listeners,
      close: openChannel(listeners),
    }
  }
  const joined = channel
  joined.listeners.add(listener)
  return () => {
    joined.listeners.delete(listener)
    if (joined.listeners.size > 0) return
    joined.close()
    if (channel === joined) channel = undefined
  }
}

/**
 * What happens in all workspaces of the person, as it happens. `onReconnect` runs when the connection is back after a break (events in between
 * may be lost): refetch there; `onRefused` when the server lets the person in no longer. All stop with the calling component.
 */
export function usePersonEvents(onEvent: Listener['onEvent'], onReconnect?: Listener['onReconnect'], onRefused?: Listener['onRefused']) {
  onScopeDispose(join({ onEvent, onReconnect, onRefused }))
}

/** The same for one workspace. */
export function useLiveEvents(workspaceId: MaybeRefOrGetter<string | undefined>, onEvent: Listener['onEvent'], onReconnect?: Listener['onReconnect']) {
  let leave = () => {}
  watch(() => toValue(workspaceId), (id) => {
    leave()
    leave = id
      ? join({
          onReconnect,
          onEvent: (event) => {
            if ((event.data as { workspaceId?: string } | null)?.workspaceId === id) onEvent(event)
          },
        })
      : () => {}
  }, { immediate: true })
  onScopeDispose(() => leave())
}
