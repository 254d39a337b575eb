/** At most `count` holders at a time; who waits is served in order. `take` answers the function that gives the slot back. */
export function createSlots(count: number) {
  let free = count
  const waiting: (() => void)[] = []

  return {
    async take(signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted()
      if (free > 0) {
        free--
      }
      else {
        await new Promise<void>((resolve, reject) => {
          const turn = () => {
            signal.removeEventListener('abort', leave)
            resolve()
          }
          function leave() {
            waiting.splice(waiting.indexOf(turn), 1)
            reject(signal.reason)
          }
          waiting.push(turn)
          signal.addEventListener('abort', leave, { once: true })
        })
      }
      let held = true
      return () => {
        if (!held) return
        held = false
        const next = waiting.shift()
        if (next) next()
        else free++
      }
    },
  }
}

export type Slots = ReturnType<typeof createSlots>
