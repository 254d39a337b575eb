const PROGRESS_MS = 1000
/** Where nobody watches, a log is written. */
const LOGGED_PROGRESS_MS = 30_000

/** Where lines for the operator go; `live`: to a terminal, so that the last one can be written over. */
export interface Output { write: (text: string) => void, live: boolean }

/** Says from time to time how far something is, until `end`, which says it a last time. `line` says something else in between; `clear` makes room for what is said elsewhere. */
export function tellProgress(output: Output, progress: () => string): { line: (text: string) => void, clear: () => void, end: () => void } {
  let shown = 0
  const clear = () => {
    if (shown > 0) output.write(`\r${' '.repeat(shown)}\r`)
    shown = 0
  }
  const line = (text: string) => {
    clear()
    output.write(`${text}\n`)
  }
  const timer = setInterval(() => {
    const text = progress()
    if (!output.live) return line(text)
    clear()
    output.write(text)
    shown = text.length
  }, output.live
    ? PROGRESS_MS
    : LOGGED_PROGRESS_MS)
  return {
    line,
    clear,
    end() {
      clearInterval(timer)
      line(progress())
    },
  }
}
