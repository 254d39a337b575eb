export interface JobHold {
  /** Aborted by the queue, or when the job may by now be another worker's. */
  signal: AbortSignal
  end: () => void
}

export interface JobHoldOptions {
  signal: AbortSignal
  /** Says to the deployment that this worker is there. @returns false when the job is no longer its own */
  beat: () => Promise<boolean>
  beatMs: number
  /** After so long without a beat that came through, another takes the job up. */
  silentMs: number
  onError: (error: unknown) => void
}

/**
 * Keeps a job this worker's while it is under way. Nobody can tell a worker that is gone from one that cannot reach the database or whose
 * event loop stands still: such a worker must know by itself that the job may have been given away.
 */
export function holdJob({ signal, beat, beatMs, silentMs, onError }: JobHoldOptions): JobHold {
  const lost = new AbortController()
  let heardAt = performance.now()
  let asking = false
  let over = false

  async function say(): Promise<void> {
    asking = true
    const askedAt = performance.now()
    try {
      if (await beat()) heardAt = askedAt
      else if (!over) lost.abort(new Error('The job was taken up by another worker'))
    }
    catch (error) {
      onError(error)
    }
    finally {
      asking = false
    }
  }

  const timer = setInterval(() => {
    if (lost.signal.aborted) return
    if (performance.now() - heardAt >= silentMs) lost.abort(new Error('The job was held without a sign of life for too long'))
    else if (!asking) void say()
  }, beatMs)

  return {
    signal: AbortSignal.any([signal, lost.signal]),
    end() {
      over = true
      clearInterval(timer)
    },
  }
}
