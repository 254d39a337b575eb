import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** @returns why not */
export function tryMount(path: string, options: string): string | undefined {
  try {
    execFileSync('mkdir', ['-p', path])
    execFileSync('mount', [
      '-t',
      'tmpfs',
      '-o',
      options,
      'tmpfs',
      path,
    ], { stdio: 'pipe' })
  }
  catch (error) {
    return String(error).split('\n').slice(0, 2).join(' ')
  }
}

export const unmount = (path: string): void => void execFileSync('umount', [path])

/** Changes how a file system that is there is mounted: `ro`. */
export const remount = (path: string, options: string): void => void execFileSync('mount', [
  '-o',
  `remount,${options}`,
  path,
])

/** Small file systems need root and mount(8); where they cannot be had, this says why. */
export const mountProblem = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'clientshare-mounts-'))
  const problem = tryMount(folder, 'size=1m')
  if (!problem) unmount(folder)
  rmSync(folder, { recursive: true })
  return problem
})()

/** For the name of a test that needs one. */
export const mountNote = mountProblem
  ? ` (skipped: cannot mount a tmpfs: ${mountProblem})`
  : ''

/** A file system of its own for one test. @returns its folder */
export function mountForTest(options: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'clientshare-mounts-'))
  const path = join(folder, randomUUID())
  const problem = tryMount(path, options)
  if (problem) throw new Error(problem)
  onTestFinished(() => {
    unmount(path)
    rmSync(folder, { recursive: true })
  })
  return path
}
