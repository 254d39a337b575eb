/** All rows of a query that is asked by pages in the order of `key`. `onPage` is awaited before the page's first row is given. */
export async function* inPages<T extends { key: string }>(list: (page: { after: string | undefined, limit: number }) => Promise<T[]>, limit: number, onPage: (page: readonly T[]) => Promise<void> = async () => {}): AsyncGenerator<T> {
  let after: string | undefined
  for (;;) {
    const page = await list({ after, limit })
    if (page.length === 0) return
    await onPage(page)
    yield* page
    after = page.at(-1)!.key
  }
}

/**
 * Runs `work` for each entry, `count` at once. The first failure, or the signal, aborts the others, and is thrown when all have ended.
 */
export async function inParallel<T>(entries: AsyncGenerator<T>, count: number, work: (entry: T, signal: AbortSignal) => Promise<unknown>, stop: AbortSignal): Promise<void> {
  const failed = new AbortController()
  const signal = AbortSignal.any([stop, failed.signal])
  async function worker(): Promise<void> {
    try {
      for (;;) {
        signal.throwIfAborted()
        const { value, done } = await entries.next()
        if (done) return
        await work(value, signal)
      }
    }
    catch (error) {
      failed.abort(error)
    }
  }
  await Promise.all(Array.from({ length: count }, worker))
  await entries.return(undefined)
  signal.throwIfAborted()
}
