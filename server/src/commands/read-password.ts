import type { ReadStream } from 'node:tty'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { UsageError } from '../config/command-line.ts'
import { ExitError } from '../errors/exit-error.ts'

/** Says something to the person at the terminal. */
type Say = (words: string) => void

/**
 * A new password: typed twice at a terminal, where it is not shown; else the first line of what is piped in. Never an argument, which every user of
 * the machine could read, and which shells keep.
 * @throws {ExitError} when nothing came, or not the same twice
 */
export async function readNewPassword(input: NodeJS.ReadStream, say: Say): Promise<string> {
  if (!input.isTTY) {
    const [password = ''] = (await text(input)).split(/\r?\n/, 1)
    if (password === '') throw new UsageError('Type the password when it is asked for, or pipe it in.')
    return password
  }
  const first = await askUnseen(input, say, 'New password: ')
  const second = await askUnseen(input, say, 'Once more: ')
  if (first !== second) throw new ExitError('These were two different passwords; nothing was changed.', 1)
  return first
}

async function askUnseen(input: ReadStream, say: Say, question: string): Promise<string> {
  const terminal = createInterface({
    input,
    // What is typed would be written here.
    output: new Writable({
      write: (_chunk, _encoding, done) => done(),
    }),
    terminal: true,
    historySize: 0,
  })
  try {
    const answer = terminal.question('')
    say(question)
    return await answer
  }
  finally {
    terminal.close()
    say('\n')
  }
}
