import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * V8 before 14.8 counts every buffer allocated since the last full collection, dead or not, and begins another after 64 MiB of them: more
 * than half of the time of a download. With this flag only those that live count, and the cheap collections of the young free the rest.
 * Later ones do so by themselves and have no flag. What slow readers let grow old is collected once there is a fifth more of it.
 */
export function countLiveBuffers(): void {
  setFlagsFromString('--heap-growing-percent=20')
  const [major = 0, minor = 0] = process.versions.v8.split('.').map(Number)
  if (major < 14 || (major === 14 && minor < 8)) setFlagsFromString('--external-memory-accounted-in-global-limit')
}

/** What loading the modules left behind, 40 MiB, would stay for as long as there is little to do. */
export function collectAfterStart(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}
