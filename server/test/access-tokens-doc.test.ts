import type { TestApp } from './test-app.ts'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createWorkspace } from './factories.ts'
import { createTestApp } from './test-app.ts'

const run = promisify(execFile)
const text = readFileSync(new URL('../../docs/api/access-tokens.md', import.meta.url), 'utf8')

let test: TestApp
let folder: string
beforeAll(async () => {
  test = await createTestApp()
  folder = mkdtempSync(join(tmpdir(), 'clientshare-curl-'))
})
afterAll(async () => {
  await test.close()
  rmSync(folder, { recursive: true })
})

it('every command of docs/api/access-tokens.md does what it says, in its order', async () => {
  const workspace = await createWorkspace(test)
  const origin = await test.app.listen({ port: 0, host: '127.0.0.1' })
  const made = await test.call('POST', '/me/tokens', {
    token: workspace.owner.token,
    body: {
      name: 'curl',
      scopes: ['read', 'write', 'links'],
    },
  })
  const env: Record<string, string> = { CLIENTSHARE: origin, TOKEN: made.body.token }
  const [settings, ...commands] = [
    ...text.matchAll(/```sh\n([\s\S]*?)```/g),
  ].map(([, command]) => command!)
  expect(settings!.match(/export (\w+)/g)).toEqual(Object.keys(env).map(name => `export ${name}`))
  expect(commands).toHaveLength(5)
  writeFileSync(join(folder, 'report.pdf'), '%PDF-1.7 report')
  const next = async () => {
    const { stdout } = await run('sh', [
      '-c',
      commands.shift()!,
    ], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...env },
    })
    return stdout
  }

  env.WORKSPACE = JSON.parse(await next()).items[0].id
  env.FOLDER = JSON.parse(await next()).items[0].rootFolderId
  const file = JSON.parse(await next())
  expect(file).toMatchObject({ name: 'report.pdf', size: 15 })
  env.FILE = file.id
  await next()
  expect(readFileSync(join(folder, 'copy.pdf'), 'utf8')).toBe('%PDF-1.7 report')
  expect(JSON.parse(await next())).toMatchObject({
    url: expect.stringContaining('/s/'),
    maxDownloads: 1,
  })
})
