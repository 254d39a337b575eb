import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, compose, root, same, until, untilReady, url } from './stack.ts'

const DAY_MS = 86_400_000
const isoDay = (at: number) => new Date(at).toISOString().slice(0, 10)

/** As docs/policies.md has it: a folder of texts beside the compose file, read at the start and again on SIGHUP. */
export async function policiesComeFromFiles(): Promise<void> {
  // Within the project, which the engine can see.
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/policies-'))
  const texts = join(folder, 'policies')
  const override = join(folder, 'override.yml')
  mkdirSync(texts)
  // For the user in the container.
  chmodSync(folder, 0o755)
  const write = (effective: string, text: string, more = '') => writeFileSync(join(texts, 'privacy.en.md'), `---
kind: privacy
slug: from-files
language: en
title: Privacy policy
effective: ${effective}
${more}---

${text}
`, { mode: 0o644 })
  const shown = async (path = '') => {
    const response = await fetch(`${url}/api/v1/public/policies/from-files${path}`)
    return response.ok
      ? await response.json() as { number: number, markdown: string }
      : undefined
  }
  try {
    write('2026-01-31', 'What goes when:\n\n::retention')
    writeFileSync(override, `services:\n  server:\n    volumes: ['${texts}:/policies:ro']\n`)
    compose(['up', '-d'], {
      env: { COMPOSE_FILE: `docker-compose.yml:${override}`, POLICIES_DIR: '/policies' },
    })
    await untilReady()
    const first = await shown()
    same(first?.number, 1, 'The version at the start')
    assert(first!.markdown.includes('|') && !first!.markdown.includes('::retention'), 'The live facts are not filled in')

    write(isoDay(Date.now() + DAY_MS), 'From tomorrow on.', 'summary: Shorter.\n')
    compose(['kill', '-s', 'HUP', 'server'])
    await until('the second version, after SIGHUP', async () => await shown('/versions/2') !== undefined, 60)
    same((await shown())?.number, 1, 'The version in effect today')
  }
  finally {
    rmSync(folder, { recursive: true, force: true })
  }
  // Without the files the page stays.
  compose(['up', '-d'])
  await untilReady()
  same((await shown())?.number, 1, 'The version without the files')
}
