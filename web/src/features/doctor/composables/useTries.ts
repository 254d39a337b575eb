import type { DoctorReport } from '../../../api/generated/types.gen.ts'
import type { Outcome } from './try-way.ts'
import { tryOnScopeDispose, useIntervalFn } from '@vueuse/core'
import { ref, shallowRef } from 'vue'
import { patientFetch } from '../../../api/http.ts'
import { isAbort, toProblem } from '../../../api/problem.ts'
import { useSessionStore } from '../../../stores/session.ts'
import { sendBytes } from '../../../uploader/transport.ts'
import { outcomeOf } from './try-way.ts'

export interface Try {
  outcome: Outcome | undefined
  isRunning: boolean
  /** Bytes that have left, or seconds that have passed. */
  done: number
}

/** What only a browser can find out of the way to the server: whether a large body gets through, and whether a slow answer is waited for. */
export function useTries() {
  const session = useSessionStore()
  const body = useTry()
  const silence = useTry()

  const sendBody = ({ partBytes }: DoctorReport['tries']) => body.run(async ({ signal, secondsSince }) => {
    const token = await session.accessToken()
    const answer = await sendBytes({
      method: 'PUT',
      url: '/api/v1/admin/doctor/body',
      headers: {
        'content-type': 'application/octet-stream',
        ...token
          ? { authorization: `Bearer ${token}` }
          : {},
      },
      body: new Blob([
        new Uint8Array(partBytes),
      ]),
      onProgress: (sent) => { body.done.value = sent },
      signal,
    })
    const { bytes: arrived } = await answer.json() as { bytes: number }
    return arrived === partBytes
      ? {
          end: 'well',
          seconds: secondsSince(),
        }
      : {
          end: 'short',
          seconds: secondsSince(),
          arrived,
        }
  })

  const keepSilence = ({ silenceSeconds }: DoctorReport['tries']) => silence.run(async ({ signal, secondsSince }) => {
    const clock = useIntervalFn(() => { silence.done.value = Math.min(secondsSince(), silenceSeconds) }, 1000)
    try {
      await patientFetch(`/api/v1/admin/doctor/silence?seconds=${silenceSeconds}`, { signal })
      return {
        end: 'well',
        seconds: secondsSince(),
      }
    }
    finally {
      clock.pause()
    }
  })

  return {
    body: body.state,
    silence: silence.state,
    sendBody,
    keepSilence,
    cancelSilence: silence.cancel,
  }
}

/** One at a time; it ends with the page. */
function useTry() {
  const outcome = shallowRef<Outcome>()
  const isRunning = ref(false)
  const done = ref(0)
  let stop: AbortController | undefined

  async function run(attempt: (context: { signal: AbortSignal, secondsSince: () => number }) => Promise<Outcome>): Promise<void> {
    if (isRunning.value) return
    isRunning.value = true
    done.value = 0
    outcome.value = undefined
    stop = new AbortController()
    const began = performance.now()
    const secondsSince = () => Math.round((performance.now() - began) / 1000)
    try {
      outcome.value = await attempt({ signal: stop.signal, secondsSince })
    }
    catch (error) {
      if (!isAbort(error)) outcome.value = outcomeOf(toProblem(error), secondsSince())
    }
    isRunning.value = false
  }
  const cancel = () => stop?.abort()
  tryOnScopeDispose(cancel)

  return {
    outcome,
    isRunning,
    done,
    run,
    cancel,
    state: { outcome, isRunning, done },
  }
}
