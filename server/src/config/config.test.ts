import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from './config.ts'

const valid = {
  DATABASE_URL: 'postgres://user:hunter2@localhost/db',
  SECRET_KEY: 'k'.repeat(32),
}

function problemsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env)
    return []
  }
  catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('the configuration', () => {
  it('needs a database and a key, and has defaults for the rest', () => {
    expect(loadConfig(valid)).toMatchObject({
      port: 3000,
      host: 'localhost',
      publicUrl: 'http://localhost:3000',
      dataDir: resolve('data'),
      storage: 'local',
      processMode: 'all',
      logLevel: 'info',
      trustedProxies: '',
      maxFileBytes: 50_000_000_000,
    })
    expect(problemsOf({})).toEqual([
      expect.stringMatching(/^DATABASE_URL is not set/),
      expect.stringMatching(/^SECRET_KEY is not set/),
    ])
  })

  it.each([
    ['PORT', 'abc', 'must be a whole number from 0 to 65535'],
    ['PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['PORT', '-1', 'must be a whole number from 0 to 65535'],
    ['PORT', '3000.5', 'must be a whole number from 0 to 65535'],
    ['PUBLIC_URL', 'files.example.com', 'must begin with https://'],
    ['PUBLIC_URL', 'files.example.com:8443', 'must begin with https://'],
    ['S3_ENDPOINT', 'minio:9000', 'must begin with https://'],
    ['PUBLIC_URL', 'ftp://files.example.com', 'must begin with https://'],
    ['PUBLIC_URL', 'https://files.example.com/path', 'is not valid'],
    ['PUBLIC_URL', 'https://files.example.com/?x', 'is not valid'],
    ['DATABASE_URL', 'mysql://localhost/db', 'must begin with postgres://'],
    ...[
      'hunt@r2',
      'hunt/r2',
      '12/r2',
      'hunt?r2',
      'hunt#r2',
      'hunt@/r2',
      'hunt%r2',
      '@',
      '/',
    ].map(password => ['DATABASE_URL', `postgres://user:${password}@db.example.com:5432/name`, 'has a character in the password']),
    ['DATABASE_POOL_SIZE', '1', 'must be a whole number from 2 to 200'],
    ['STORAGE', 'ftp', 'must be one of local'],
    ['SECRET_KEY', 'hunter2', 'must have 32 to 1024 characters'],
    ['SETUP_TOKEN', 'hunter2', 'must have at least 8 characters'],
    ['PROCESS_MODE', 'both', 'must be one of all, web, worker'],
    ['LOG_LEVEL', 'loud', 'must be one of fatal, error, warn, info, debug, trace, silent'],
    ['MAX_FILE_BYTES', '0', 'must be a whole number, at least 1'],
    ['MAX_FILE_BYTES', '5GB', 'must be a whole number, at least 1'],
    ['BODY_IDLE_SECONDS', '99999', 'must be a whole number from 1 to 3600'],
    ['DOMAIN', 'https://files.example.com', 'is not valid'],
    ['DOMAIN', 'files.example.com/', 'is not valid'],
    ['DRAIN_SECONDS', '-1', 'must be a whole number from 0 to 3600'],
    ['TRUSTED_PROXIES', '10.0.0.0/8, nonsense', 'has “nonsense”, which is no address, no network and none of the words'],
    ['TRUSTED_PROXIES', '10.0.0.0/99', 'has “10.0.0.0/99”'],
  ])('%s=%s %s', (name, value, problem) => {
    expect(problemsOf({ ...valid, [name]: value })).toEqual([
      expect.stringContaining(`${name} ${problem}`),
    ])
  })

  it.each([
    [
      'ADMIN_EMAIL',
      {
        ADMIN_EMAIL: 'nobody',
        ADMIN_PASSWORD: 'x'.repeat(12),
      },
    ],
    [
      'ADMIN_PASSWORD',
      { ADMIN_EMAIL: 'a@example.com', ADMIN_PASSWORD: 'hunter2' },
    ],
    [
      'ADMIN_EMAIL and ADMIN_PASSWORD go together',
      { ADMIN_EMAIL: 'a@example.com' },
    ],
    [
      'DOWNLOADS_BY=proxy needs TRUSTED_PROXIES',
      { DOWNLOADS_BY: 'proxy' },
    ],
    [
      'DOWNLOADS_BY=store needs STORAGE=s3',
      { DOWNLOADS_BY: 'store', S3_PUBLIC_ENDPOINT: 'https://s3.example' },
    ],
    [
      'DOWNLOADS_BY=store needs S3_PUBLIC_ENDPOINT',
      {
        DOWNLOADS_BY: 'store',
        STORAGE: 's3',
        S3_ENDPOINT: 'http://minio:9000',
        S3_ACCESS_KEY: 'a',
        S3_SECRET_KEY: 'b',
      },
    ],
    [
      'ADMIN_EMAIL and ADMIN_PASSWORD go together',
      {
        ADMIN_PASSWORD: 'x'.repeat(12),
      },
    ],
  ])('refuses a wrong first operator: %s', (problem, env) => {
    expect(problemsOf({
      ...valid,
      ...env,
    })).toEqual([
      expect.stringContaining(problem),
    ])
  })

  it.each([
    'postgres://user:p%40ss%2Fw@db.example.com:5432/name?sslmode=verify-full',
    'postgresql://user@localhost/name',
    'postgres://user:word@localhost:5432/name?host=/run/a@b',
    'postgres:///name?host=/run/postgresql',
    'postgres://localhost:5432/name?user=a@b',
    'postgres://user:word@[::1]:5432/name',
  ])('takes DATABASE_URL=%s', (url) => {
    expect(loadConfig({ ...valid, DATABASE_URL: url }).databaseUrl).toBe(url)
  })

  it('says everything that is wrong at once, and no value that is secret', () => {
    const problems = problemsOf({
      PORT: 'x',
      DATABASE_URL: 'hunter2',
      SECRET_KEY: 'hunter2',
      SETUP_TOKEN: 'hunter2',
      ADMIN_PASSWORD: 'hunter2',
      LOG_LEVEL: 'x',
    })
    expect(problems.map(problem => problem.split(' ')[0])).toEqual([
      'PORT',
      'LOG_LEVEL',
      'DATABASE_URL',
      'SECRET_KEY',
      'SETUP_TOKEN',
      'ADMIN_PASSWORD',
      'ADMIN_EMAIL',
    ])
    expect(problems.join('\n')).not.toContain('hunter2')
  })

  it.each([
    ['https://Files.Example.com', 'https://files.example.com'],
    ['https://files.example.com/', 'https://files.example.com'],
    ['https://files.example.com:443', 'https://files.example.com'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ])('takes PUBLIC_URL=%s as %s', (value, publicUrl) => {
    expect(loadConfig({ ...valid, PUBLIC_URL: value }).publicUrl).toBe(publicUrl)
  })

  it('takes the port into the address when there is no PUBLIC_URL', () => {
    expect(loadConfig({ ...valid, PORT: '8080' }).publicUrl).toBe('http://localhost:8080')
  })

  it.each([
    [
      { DOMAIN: 'Files.example.com' },
      'https://files.example.com',
    ],
    [
      { DOMAIN: 'files.example.com', PUBLIC_URL: 'https://share.example.com' },
      'https://share.example.com',
    ],
    [
      { PUBLIC_PORT: '8080' },
      'http://localhost:8080',
    ],
    [
      { PUBLIC_PORT: '80' },
      'http://localhost',
    ],
    [
      { PUBLIC_PORT: '8080', DOMAIN: 'files.example.com' },
      'https://files.example.com',
    ],
  ])('makes the address of %j: %s', (env, publicUrl) => {
    expect(loadConfig({
      ...valid,
      ...env,
    }).publicUrl).toBe(publicUrl)
  })

  it('reads an empty setting as one that is absent, and takes spaces off', () => {
    expect(loadConfig({
      ...valid,
      PORT: '',
      HOST: ' 0.0.0.0 ',
      TRUSTED_PROXIES: '127.0.0.1, ::1,10.0.0.0/8',
    })).toMatchObject({ port: 3000, host: '0.0.0.0' })
  })

  it('cannot be changed', () => {
    expect(() => { (loadConfig(valid) as { port: number }).port = 1 }).toThrow(TypeError)
  })
})

describe('a setting in a file', () => {
  let folder: string
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'clientshare-config-')) })
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = (text: string) => {
    const path = join(folder, `${Math.random()}`)
    writeFileSync(path, text)
    return path
  }

  it('is read without the line’s end', () => {
    expect(loadConfig({
      ...valid,
      SECRET_KEY: '',
      SECRET_KEY_FILE: file(`${'s'.repeat(40)}\n`),
    }).secretKey).toBe('s'.repeat(40))
    expect(loadConfig({
      ...valid,
      PORT_FILE: file('8080\n'),
    }).port).toBe(8080)
  })

  it('must not be set directly too', () => {
    expect(problemsOf({
      ...valid,
      SECRET_KEY_FILE: file('hunter2'.repeat(9)),
    })).toEqual(['SECRET_KEY and SECRET_KEY_FILE are both set: set one.'])
  })

  it('must be there', () => {
    expect(problemsOf({
      DATABASE_URL: valid.DATABASE_URL,
      SECRET_KEY_FILE: join(folder, 'none'),
    })).toEqual([
      expect.stringMatching(/^SECRET_KEY_FILE cannot be read: ENOENT/),
      expect.stringMatching(/^SECRET_KEY is not set/),
    ])
  })

  it('is checked like any other, without being shown', () => {
    const [problem] = problemsOf({
      DATABASE_URL: valid.DATABASE_URL,
      SECRET_KEY_FILE: file('hunter2'),
    })
    expect(problem).toContain('SECRET_KEY must have 32 to 1024 characters')
    expect(problem).not.toContain('hunter2')
  })
})

describe('the folder of secrets', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'clientshare-secrets-'))
    writeFileSync(join(folder, 'secret_key'), `${'f'.repeat(40)}\n`)
    writeFileSync(join(folder, 'port'), '8080')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('has the secrets that are set in no other way, and nothing else', () => {
    const { DATABASE_URL } = valid
    expect(loadConfig({ DATABASE_URL, SECRET_KEY: '', SECRETS_DIR: folder })).toMatchObject({
      secretKey: 'f'.repeat(40),
      port: 3000,
    })
    expect(loadConfig({ ...valid, SECRETS_DIR: folder }).secretKey).toBe(valid.SECRET_KEY)
    expect(problemsOf({ SECRETS_DIR: folder })).toEqual([
      expect.stringMatching(/^DATABASE_URL is not set/),
    ])
  })

  it('must be readable', () => {
    expect(problemsOf({
      DATABASE_URL: valid.DATABASE_URL,
      SECRETS_DIR: join(folder, 'port'),
    })).toContainEqual(expect.stringMatching(/^SECRET_KEY in SECRETS_DIR cannot be read: ENOTDIR/))
  })
})
