import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import process from 'node:process'
import { inject, onTestFinished } from 'vitest'

export interface MainProcess {
  child: ChildProcess
  /** All that it wrote so far, to both streams: what went to one may come before what went to the other, so only lines are in order. */
  output: () => string
  /** Its exit code; null: a signal ended it. */
  ended: Promise<number | null>
}

/** The real process (`src/main.ts`, in the gate as one file; serving unless told otherwise), with nothing of this one's environment but the way to its programs; it ends with the test, or with `keep` when it is told to. */
export function startMain({ env, args = ['serve'], ipc = false, node = [], keep = false }: { env: Record<string, string>, args?: string[], ipc?: boolean, node?: string[], keep?: boolean }): MainProcess {
  const child = spawn(process.execPath, [
    ...node,
    inject('main'),
    ...args,
  ], {
    // TMPDIR also tells whose process it is (leave-nothing.ts).
    env: {
      PATH: process.env.PATH,
      TMPDIR: tmpdir(),
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...env,
    },
    stdio: [
      'ignore',
      'pipe',
      'pipe',
      ...(ipc
        ? ['ipc' as const]
        : []),
    ],
  })
  if (!keep) onTestFinished(() => { child.kill('SIGKILL') })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream!.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  // Not `close`: after disconnect() there is none.
  const ended = Promise.all([
    once(child, 'exit'),
    once(child.stdout!, 'end'),
    once(child.stderr!, 'end'),
  ])
  return {
    child,
    output: () => text,
    ended: ended.then(([[code]]) => code as number | null),
  }
}
