import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const init = fileURLToPath(new URL('../../docker/init.ts', import.meta.url))

describe.skipIf(process.getuid?.() !== 0)('the first service of docker-compose.yml (gives files away, so only as root)', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'clientshare-init-'))
    for (const name of ['data', 'minio-data', 'postgres-data']) mkdirSync(join(root, name))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  const run = (...args: string[]) => spawnSync(process.execPath, [init, root, ...args], { encoding: 'utf8' })
  const secrets = () => Object.fromEntries(readdirSync(root).filter(name => name.endsWith('-secrets')).flatMap(folder => readdirSync(join(root, folder)).map(file => [
    `${folder}/${file}`,
    readFileSync(join(root, folder, file), 'utf8').trim(),
  ])))

  it('makes every secret, each for its reader alone', () => {
    expect(run().status).toBe(0)
    const made = secrets()
    expect(Object.keys(made).sort()).toEqual([
      'minio-secrets/root_password',
      'minio-secrets/root_user',
      'minio-setup-secrets/root',
      'minio-setup-secrets/user',
      'postgres-secrets/password',
      'server-secrets/database_url',
      'server-secrets/s3_access_key',
      'server-secrets/s3_secret_key',
      'server-secrets/secret_key',
      'server-secrets/setup_token',
    ])
    expect(made['server-secrets/database_url']).toBe(`postgres://clientshare:${made['postgres-secrets/password']}@postgres:5432/clientshare`)
    for (const file of Object.keys(made)) {
      const { mode, uid } = statSync(join(root, file))
      expect([file, mode & 0o777, uid]).toEqual([
        file,
        0o400,
        file.startsWith('server')
          ? 1000
          : file.startsWith('postgres')
            ? 0
            : 1001,
      ])
    }
    for (const [folder, owner] of [
      ['data', 1000],
      ['minio-data', 1001],
    ] as const) expect(statSync(join(root, folder)).uid).toBe(owner)
  })

  it('keeps what is there, and makes what was cut short again', () => {
    run()
    const before = secrets()
    expect(run().status).toBe(0)
    expect(secrets()).toEqual(before)

    rmSync(join(root, 'server-secrets/s3_secret_key'))
    writeFileSync(join(root, 'server-secrets/s3_secret_key.new'), 'half')
    expect(run().status).toBe(0)
    const { 'server-secrets/s3_secret_key': key, 'minio-setup-secrets/user': user, ...others } = secrets()
    expect(key).toMatch(/^[0-9a-f]{40}$/)
    expect(user).toBe(`${before['server-secrets/s3_access_key']}\n${key}`)
    const { 'server-secrets/s3_secret_key': _key, 'minio-setup-secrets/user': _user, ...othersBefore } = before
    expect(others).toEqual(othersBefore)
  })

  it('replaces secrets when it is told to, each in all its places, and keeps the instance key that was', () => {
    run()
    const before = secrets()
    const changedBy = (what: string) => {
      const former = secrets()
      const { status, stdout } = run('--renew', what)
      expect(status).toBe(0)
      const now = secrets()
      return {
        now,
        stdout,
        changed: Object.keys(now).filter(file => now[file] !== former[file]).sort(),
      }
    }
    const postgres = changedBy('postgres')
    expect(postgres.changed).toEqual(['postgres-secrets/password', 'server-secrets/database_url'])
    expect(postgres.now['server-secrets/database_url']).toContain(`:${postgres.now['postgres-secrets/password']}@`)
    const minio = changedBy('minio')
    expect(minio.changed).toEqual([
      'minio-secrets/root_password',
      'minio-setup-secrets/root',
      'minio-setup-secrets/user',
      'server-secrets/s3_secret_key',
    ])
    expect(minio.now['minio-setup-secrets/user']).toBe(`${before['server-secrets/s3_access_key']}\n${minio.now['server-secrets/s3_secret_key']}`)
    const key = changedBy('secret_key')
    expect(key.changed).toEqual([
      'server-secrets/secret_key',
      expect.stringMatching(/^server-secrets\/secret_key\.\d{14}$/),
    ])
    expect(key.now[key.changed[1]!]).toBe(before['server-secrets/secret_key'])
    expect(statSync(join(root, key.changed[1]!)).uid).toBe(1000)
    expect(key.stdout).toContain(`admin rotate-key --from /run/secrets/clientshare/${key.changed[1]!.split('/')[1]}\n`)

    const { status, stderr } = run('--renew', 'everything')
    expect([status, stderr]).toEqual([1, 'init: There is no “everything” to renew: secret_key, postgres, minio, all.\n'])
  })

  it('makes all of them anew beside a database, in volumes that are empty, when it is told to', () => {
    run()
    const before = secrets()
    mkdirSync(join(root, 'postgres-data/18/docker'), { recursive: true })
    writeFileSync(join(root, 'postgres-data/18/docker/PG_VERSION'), '18')
    for (const file of Object.keys(before)) rmSync(join(root, file))
    expect(run('--renew', 'all').status).toBe(0)
    const made = secrets()
    expect(Object.keys(made).sort()).toEqual(Object.keys(before).sort())
    for (const file of Object.keys(before)) expect(made[file], file).not.toBe(before[file])
    expect(run().status).toBe(0)
    expect(secrets()).toEqual(made)
  })

  it('takes what an image has in a new volume for no database', () => {
    mkdirSync(join(root, 'postgres-data/data'))
    expect(run().status).toBe(0)
  })

  it.each(['server-secrets/secret_key', 'postgres-secrets/password'])('makes no new %s beside a database', (file) => {
    run()
    mkdirSync(join(root, 'postgres-data/18/docker'), { recursive: true })
    writeFileSync(join(root, 'postgres-data/18/docker/PG_VERSION'), '18')
    rmSync(join(root, file))
    const { status, stderr } = run()
    expect([status, stderr]).toEqual([1, `init: ${join(root, file)} is missing beside a database that was made with it. Put its volume back; when it is lost, docs/operating.md (“The secrets are lost”) has the way on.\n`])
    expect(secrets()).not.toHaveProperty([file])
  })
})
