import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { processesOf, useLaunches } from './support/launches.ts'

/** `npm run clientshare`, without npm, on the data folder of `npm start`. */
const { home, dataDir, port, launched, ended } = useLaunches()
const script = fileURLToPath(new URL('../../scripts/clientshare.ts', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

async function clientshare(args: string[], { input = '', folder = dataDir() } = {}): Promise<{ code: number, output: string }> {
  const { DATABASE_URL: _url, SECRET_KEY: _key, SECRET_KEY_FILE: _file, ...inherited } = process.env
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...inherited, DATA_DIR: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(input)
  const [[code], ...said] = await Promise.all([
    once(child, 'exit') as Promise<[number]>,
    text(child.stdout),
    text(child.stderr),
  ])
  return {
    code,
    output: said.join(''),
  }
}

it('runs commands beside a server that runs and without one, and leaves nothing running (one start, six commands)', async () => {
  const untouched = join(home(), 'none')
  const told = await clientshare(['--help'], { folder: untouched })
  expect([told.code, told.output]).toEqual([
    0,
    expect.stringMatching(/^Use: npm run clientshare -- <command> \[options\]\n/),
  ])
  expect(told.output).toContain(`ClientShare ${version}`)
  expect(existsSync(untouched)).toBe(false)

  const email = 'operator@example.com'
  const launch = await launched({ ADMIN_EMAIL: email, ADMIN_PASSWORD: 'a harbour of nine lanterns' })
  const signIn = (password: string) => fetch(`http://localhost:${port()}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  const before = await signIn('a harbour of nine lanterns')
  expect(before.status).toBe(200)
  const { accessToken } = await before.json() as { accessToken: string }
  expect(await clientshare(['admin', 'reset-password', email], { input: 'an orchard of seven bells\n' })).toEqual({ code: 0, output: 'The password of operator was changed, and one session ended.\n' })
  expect((await fetch(`http://localhost:${port()}/api/v1/me`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })).status).toBe(401)
  expect((await signIn('an orchard of seven bells')).status).toBe(200)

  const key = join(dataDir(), 'instance.key')
  renameSync(key, `${key}.old`)
  writeFileSync(key, 'another key, which is long enough to be one\n', { mode: 0o600 })
  const rotate = () => clientshare([
    'admin',
    'rotate-key',
    '--from',
    `${key}.old`,
  ])
  expect(await rotate()).toEqual({
    code: 3,
    output: expect.stringMatching(/^clientshare: Servers are running/),
  })
  expect(await ended(launch, 'SIGTERM')).toBe(0)

  expect(await rotate()).toEqual({
    code: 0,
    output: expect.stringMatching(/ Sessions ended: 1\.\n/),
  })
  expect(await clientshare(['migrate', '--dry-run'])).toEqual({ code: 0, output: 'Nothing to apply: the schema is this version’s.\n' })
  const users = await clientshare(['admin', 'list-users'])
  expect([
    users.code,
    users.output.split('\t').slice(0, 3),
  ]).toEqual([
    0,
    [email, 'operator', 'operator'],
  ])
  expect(processesOf(dataDir())).toEqual([])
  expect(existsSync(join(dataDir(), 'launcher.lock'))).toBe(false)
})
