import { existsSync, readdirSync } from 'node:fs'
import process from 'node:process'

const ROOTS = ['/usr/lib', '/usr/local/lib', '/lib']

/** Where Debian and others put the library (package `libfaketime`). */
function findLibrary(): string | undefined {
  const folders = ROOTS.flatMap(root => existsSync(root)
    ? [
        root,
        ...readdirSync(root).filter(name => name.includes('linux')).map(name => `${root}/${name}`),
      ]
    : [])
  return folders.map(folder => `${folder}/faketime/libfaketime.so.1`).find(path => existsSync(path))
}

/**
 * What makes a process believe that it is another time, as `+2h`. What it measures durations with stays as it is. Undefined where there is no
 * libfaketime; with CI=true that is an error.
 */
export function fakeTime(): ((offset: string) => Record<string, string>) | undefined {
  const library = findLibrary()
  if (library === undefined) {
    const missing = 'libfaketime is not installed (Debian: apt-get install libfaketime)'
    if (process.env.CI === 'true') throw new Error(missing)
    process.stderr.write(`NOT TESTED: clocks that differ. ${missing}\n`)
    return undefined
  }
  return offset => ({
    LD_PRELOAD: library,
    FAKETIME: offset,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  })
}
