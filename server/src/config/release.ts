import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which ClientShare this is; `commit` is absent where nobody can tell. */
export interface Release {
  version: string
  commit?: string
}

/** Of the sources in `root`: `commit` is what the image was built with, else what git says of a checkout. */
export function readRelease(root: string, commit: string | undefined): Release {
  const { version } = JSON.parse(readFileSync(join(root, 'server/package.json'), 'utf8')) as { version: string }
  return { version, commit: commit || commitOf(root) }
}

export const describeRelease = ({ version, commit }: Release) => commit === undefined
  ? version
  : `${version} (${commit})`

function commitOf(root: string): string | undefined {
  // Elsewhere git would tell of a repository around this one.
  if (!existsSync(join(root, '.git'))) return undefined
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  }
  catch {
    return undefined // without git, or a repository of somebody else
  }
}
