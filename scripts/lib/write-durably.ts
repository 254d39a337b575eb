import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'

/** Writes a small secret file (mode 0600) so that after a crash it is there whole or not at all. */
export function writeDurably(file: string, text: string): void {
  const draft = `${file}.new`
  rmSync(draft, { force: true })
  try {
    const handle = openSync(draft, 'wx', 0o600)
    try {
      writeFileSync(handle, text)
      fsyncSync(handle)
    }
    finally {
      closeSync(handle)
    }
    renameSync(draft, file)
  }
  catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
  syncFolder(dirname(file))
}

export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  }
  finally {
    closeSync(handle)
  }
}
