import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { describeRelease, readRelease } from './release.ts'

it('knows its commit by the image, else by git, else not; never another repository’s', () => {
  const outer = mkdtempSync(join(tmpdir(), 'clientshare-release-'))
  onTestFinished(() => rmSync(outer, { recursive: true }))
  const git = (cwd: string, ...args: string[]) => execFileSync('git', [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.com',
    ...args,
  ], { cwd, encoding: 'utf8' }).trim()
  const commitAll = (cwd: string) => {
    git(cwd, 'init', '--quiet')
    git(cwd, 'commit', '--quiet', '--allow-empty', '--message', cwd)
  }
  const root = join(outer, 'clientshare')
  mkdirSync(join(root, 'server'), { recursive: true })
  writeFileSync(join(root, 'server/package.json'), '{"version":"1.2.3"}')
  commitAll(outer)
  expect(readRelease(root, undefined)).toEqual({ version: '1.2.3', commit: undefined })
  expect(describeRelease(readRelease(root, undefined))).toBe('1.2.3')

  commitAll(root)
  const commit = git(root, 'rev-parse', 'HEAD').slice(0, 12)
  expect(readRelease(root, '')).toEqual({ version: '1.2.3', commit })
  expect(describeRelease(readRelease(root, 'abc'))).toBe('1.2.3 (abc)')
})
