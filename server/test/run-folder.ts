import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/**
 * For a suite's global set-up: all that the run lays into the temporary folder lies in one of its own.
 * @returns what ends the run, and fails it when something is left there
 */
export function useRunFolder(): () => void {
  const before = process.env.TMPDIR
  // Short: the path of a socket, which lies some folders below, has room for about a hundred characters.
  const folder = mkdtempSync(join(tmpdir(), 'cs-'))
  chmodSync(folder, 0o711) // PostgreSQL, which root runs as another account, has its folder in it
  process.env.TMPDIR = folder
  return () => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    const left = readdirSync(folder, { recursive: true })
    rmSync(folder, { recursive: true, force: true })
    if (left.length > 0) throw new Error(`This run left behind in its temporary folder: ${left.slice(0, 20).join(', ')}`)
  }
}
