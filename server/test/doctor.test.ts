import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Command } from '../src/commands/command.ts'
import type { TestApp } from './test-app.ts'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { Client } from 'minio'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { doctorCommand } from '../src/commands/doctor.ts'
import { loadConfig } from '../src/config/config.ts'
import { explainFailure } from '../src/errors/explain-failure.ts'
import { endBackup, forgetBackups, insertBackup } from '../src/features/backups/backups.queries.ts'
import { examineDisk } from '../src/features/doctor/examine-disk.ts'
import { findingCodes, findingWords } from '../src/features/doctor/finding-words.ts'
import { writeStoreIdentity } from '../src/features/identity/store-identity.ts'
import { takeServingLock } from '../src/features/instance/serving-lock.ts'
import { users } from '../src/features/users/users.table.ts'
import { createTestDatabase } from './database.ts'
import { createUser, createWorkspace } from './factories.ts'
import { s3Env } from './minio.ts'
import { newBucket, sharedMinio } from './shared-minio.ts'
import { startSmtp } from './smtp-server.ts'
import { useTestApp } from './test-app.ts'

/** A server of its own on a free port; it ends with the test. @returns its address */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What a proxy in front of this deployment passes on, of what the doctor asks. */
const passing = (url: () => string): RequestListener => (request, response) => {
  request.resume()
  if (request.url === '/api/v1/instance') {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({
      publicUrl: url(),
    }))
  }
  else {
    response.writeHead(401, { 'content-type': 'application/problem+json' }).end('{}')
  }
}

describe('doctor', () => {
  let test: TestApp
  let env: Record<string, string>
  beforeEach(async () => {
    test = await useTestApp()
    const url: string = await serve(passing(() => url))
    const backups = mkdtempSync(join(tmpdir(), 'clientshare-backups-'))
    onTestFinished(() => rmSync(backups, { recursive: true, force: true }))
    await noteBackup({
      id: 'good',
      place: backups,
      startedAt: new Date(),
      endedAt: new Date(),
    })
    env = {
      BACKUP_TO: backups,
      DATABASE_URL: test.config.databaseUrl,
      DATA_DIR: test.config.dataDir,
      SECRET_KEY: test.config.secretKey,
      PUBLIC_URL: url,
    }
  })

  const noteBackup = (row: Parameters<typeof insertBackup>[1]) => insertBackup(test.deps.db, row)

  async function examine(changed: Record<string, string> = {}) {
    const lines: string[] = []
    const context: Parameters<Command['run']>[1] = {
      config: () => loadConfig({
        ...env,
        ...changed,
      }),
      release: { version: '0' },
      explain: error => explainFailure(error, { look: 'Check DATABASE_URL.', name: 'DATABASE_URL' }),
      print: line => lines.push(line),
    }
    const code = await doctorCommand.run([], context)
    return { code, lines }
  }
  /** The lines that say what is not well. */
  const complaints = async (changed: Record<string, string> = {}) => {
    const { code, lines } = await examine(changed)
    return {
      code,
      complaints: lines.filter(line => /^(?:FAIL|look)/.test(line)).filter(line => !/fsync|full_page_writes|synchronous_commit|leads to this server from this machine|are free in/.test(line)),
    }
  }
  const broken = (pattern: RegExp) => ({
    code: 1,
    complaints: expect.arrayContaining([
      expect.stringMatching(pattern),
    ]),
  })

  it('finds nothing where all is well, and leaves nothing behind', async () => {
    await test.deps.identity.note()
    expect(await complaints()).toEqual({ code: 0, complaints: [] })
    const left: string[] = []
    for await (const { key } of test.deps.storage.listObjects()) left.push(key)
    expect(left).toEqual(['identity'])
  })

  it('looks at the mail server, and sends nothing', async () => {
    await test.deps.identity.note()
    const smtp = await startSmtp({
      encryption: 'none',
      auth: { user: 'mailer', pass: 'hunter2' },
    })
    const settings = { SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@example.com' }
    const linesOf = async (changed: Record<string, string>) => (await examine(changed)).lines.filter(line => /^\S+ +mail /.test(line))
    expect(await linesOf({})).toEqual([
      expect.stringMatching(/^ok {4}mail +No mail is sent: SMTP_URL is not set/),
    ])
    expect(await linesOf({ ...settings, SMTP_URL: smtp.url })).toEqual([
      expect.stringMatching(/^ok {4}mail +The mail server localhost:\d+ takes a connection, which need not be encrypted \(SMTP_ALLOW_PLAIN\); mails come from files@example\.com/),
    ])
    expect(await linesOf({
      ...settings,
      SMTP_URL: smtp.url.replace('hunter2', 'hunter3'),
    })).toEqual([
      expect.stringMatching(/^FAIL {2}mail +The mail server localhost:\d+ refuses the sign-in: .*535.* Check user and password in SMTP_URL\./),
    ])
    expect(await linesOf({ MAIL_FROM: 'files@example.com', SMTP_URL: smtp.url })).toEqual([
      expect.stringMatching(/^FAIL {2}mail .*STARTTLS.*SMTP_ALLOW_PLAIN=true/),
    ])
    expect(await linesOf({ ...settings, SMTP_URL: 'smtp://127.0.0.1:1' })).toEqual([
      expect.stringMatching(/^FAIL {2}mail .*ECONNREFUSED.* Check host and port/),
    ])
    expect(smtp.offered).toEqual([])
  })

  it('names the accounts whose address no mail reaches, by their ids', async () => {
    await test.deps.identity.note()
    const [reached, unreached, ended] = [
      await createUser(test),
      await createUser(test),
      await createUser(test),
    ]
    await test.deps.db.update(users).set({ email: 'ⓥictim@corp.example' }).where(eq(users.id, unreached.id))
    await test.deps.db.update(users).set({
      email: 'ⓐda@corp.example',
      disabledAt: new Date(),
    }).where(eq(users.id, ended.id))
    const { code, complaints: [line, ...others] } = await complaints()
    expect([code, others]).toEqual([0, []])
    expect(line).toMatch(new RegExp(`^look {2}people .*: 1 \\(${unreached.id}\\)\\.`))
    expect(line).not.toContain(reached.id)
  })

  it.each<[string, () => Promise<Record<string, string>> | Record<string, string>, RegExp]>([
    [
      'settings that are wrong',
      () => ({ SCRUB_DAYS: '0' }),
      /^FAIL {2}settings {2}SCRUB_DAYS must be/,
    ],
    [
      'a database that does not answer',
      () => ({ DATABASE_URL: 'postgres://user:hunter2@127.0.0.1:1/none' }),
      /^FAIL {2}database {2}The database does not answer \(.*\)\. Check DATABASE_URL\.$/,
    ],
    [
      'a schema that is too old',
      async () => {
        const empty = await createTestDatabase({ empty: true })
        onTestFinished(() => empty.drop())
        return { DATABASE_URL: empty.url }
      },
      /^FAIL {2}database {2}The database has an older schema/,
    ],
    [
      'a database that takes no writes',
      async () => {
        const name = new URL(test.config.databaseUrl).pathname.slice(1)
        await test.deps.db.execute(sql.raw(`alter database "${name}" set default_transaction_read_only = on`))
        return {}
      },
      /^FAIL {2}database {2}This PostgreSQL takes no writes \(default_transaction_read_only = on\)/,
    ],
    [
      'a store that is another deployment’s',
      async () => {
        await createWorkspace(test)
        await test.deps.identity.note()
        await test.deps.db.execute(sql`update instance set set_up_at = now()`)
        await writeStoreIdentity(test.deps.storage, {
          deployment: randomUUID(),
          usedAt: new Date(),
        })
        return {}
      },
      /^FAIL {2}store {5}The store belongs to another deployment/,
    ],
    [
      'a folder that is a file',
      () => ({ DATA_DIR: '/dev/null/data' }),
      /^FAIL {2}store {5}the storage folder .* lies below a file/,
    ],
    [
      'two servers on one folder',
      async () => {
        for (let n = 0; n < 2; n++) {
          const lock = await takeServingLock({
            databaseUrl: test.config.databaseUrl,
            kind: 'local',
            onError: () => {},
            onMoved: () => {},
          })
          onTestFinished(() => lock.release())
        }
        return {}
      },
      /^FAIL {2}servers {3}2 servers use one folder/,
    ],
    [
      'the wrong key',
      async () => {
        const { id, rootId, owner } = await createWorkspace(test)
        const made = await test.call('POST', `/workspaces/${id}/links`, {
          token: owner.token,
          body: {
            itemIds: [rootId],
          },
        })
        expect(made.status).toBe(201)
        return {
          SECRET_KEY: randomBytes(32).toString('base64url'),
        }
      },
      /^FAIL {2}servers {3}SECRET_KEY is not the one/,
    ],
    [
      'a place for backups that is gone',
      () => ({
        BACKUP_TO: join(test.config.dataDir, '../gone'),
      }),
      /^FAIL {2}backups {3}No backup can be made in .*gone: There is no folder .*gone\.$/,
    ],
    [
      'an address where something else answers',
      async () => ({
        PUBLIC_URL: await serve((_request, response) => void response.end('<h1>It works!</h1>')),
      }),
      /^FAIL {2}address {3}What answers at .* \(status 200\) is not ClientShare/,
    ],
    [
      'an address of another ClientShare',
      async () => ({
        PUBLIC_URL: await serve(passing(() => 'https://files.example.com')),
      }),
      /^FAIL {2}address {3}At .* another ClientShare answers, which calls itself https:\/\/files\.example\.com/,
    ],
    [
      'an address that leads on to https',
      async () => ({
        PUBLIC_URL: await serve((_request, response) => void response.writeHead(308, { location: 'https://files.example.com/' }).end()),
      }),
      /^FAIL {2}address {3}.* leads on to https:\/\/files\.example\.com\. Set PUBLIC_URL=https:\/\/files\.example\.com/,
    ],
    [
      'a proxy that refuses large bodies',
      async () => {
        const url: string = await serve((request, response) => Number(request.headers['content-length'] ?? 0) > 1_000_000
          ? void request.resume().on('end', () => response.writeHead(413, { 'content-type': 'text/html' }).end('<h1>413</h1>'))
          : passing(() => url)(request, response))
        return { PUBLIC_URL: url }
      },
      /^FAIL {2}address {3}Something in front of the server refuses bodies of 16 MiB \(413\)/,
    ],
  ])('finds %s', async (_what, spoil, pattern) => {
    const changed = await spoil()
    const found = await complaints(changed)
    expect(found).toEqual(broken(pattern))
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })

  it.each<[string, () => Promise<Record<string, string>>, string[]]>([
    [
      'no place for them',
      async () => ({ BACKUP_TO: '' }),
      [
        'No place for backups is set (BACKUP_TO).',
      ],
    ],
    [
      'one that is older than asked',
      async () => {
        await forgetBackups(test.deps.db, new Date(Date.now() + 1000))
        await noteBackup({
          id: 'old',
          place: 'there',
          startedAt: new Date('2026-01-02T03:04:05Z'),
          endedAt: new Date('2026-01-02T03:05:05Z'),
        })
        return { BACKUP_WARN_HOURS: '12' }
      },
      [
        'The last good backup is of 2026-01-02 03:04 UTC, and should not be older than 12 hours (BACKUP_WARN_HOURS).',
      ],
    ],
    [
      'one that failed, beside a good one',
      async () => {
        await noteBackup({
          id: 'new',
          place: 'there',
          startedAt: new Date(Date.now() + 1000),
          endedAt: new Date(Date.now() + 2000),
          problem: 'The disk is full.',
        })
        return {}
      },
      [
        'failed: The disk is full.',
      ],
    ],
    [
      'none yet, whose folder the first one makes',
      async () => {
        await forgetBackups(test.deps.db, new Date(Date.now() + 1000))
        return {
          BACKUP_TO: join(test.config.dataDir, '../made-by-the-first'),
        }
      },
      [
        'There is no good backup yet.',
      ],
    ],
    [
      'damaged files that are not in the last',
      async () => {
        await endBackup(test.deps.db, 'good', { damaged: 3 })
        return {}
      },
      [
        'not in the last backup: 3.',
      ],
    ],
  ])('tells of backups: %s', async (_what, spoil, expected) => {
    const found = await complaints(await spoil())
    expect(found).toEqual({
      code: 0,
      complaints: expected.map(words => expect.stringContaining(words)),
    })
    expect(found.complaints[0]).toMatch(/^look {2}backups {3}/)
  })

  it('tells of a folder that everybody on the machine can look into or change', async () => {
    const folder = join(test.config.dataDir, 'storage')
    for (const [mode, words] of [
      [0o755, 'can look into'],
      [0o777, 'can change files in'],
    ] as const) {
      chmodSync(folder, mode)
      expect((await complaints()).complaints).toEqual([
        expect.stringContaining(`Every user of this machine ${words} ${folder}.`),
      ])
    }
  })

  it('says the same in English as the operator’s page does', () => {
    const words: Record<string, Record<string, string>> = {}
    for (const code of findingCodes) {
      const [subject, what] = code.split('.') as [string, string]
      ;(words[subject] ??= {})[what] = findingWords[code][1]
    }
    const page = JSON.parse(readFileSync(join(import.meta.dirname, '../../web/src/features/doctor/locales/en.json'), 'utf8'))
    expect(page.findings).toEqual(words)
  })

  it('tells how much room there is, and when it is little', async () => {
    const GiB = 1024 ** 3
    expect((await examineDisk('/data', { free: 100 * GiB, size: 500 * GiB })).map(({ health }) => health)).toEqual(['well'])
    expect((await examineDisk('/data', { free: 20 * GiB, size: 500 * GiB })).map(({ health }) => health)).toEqual(['doubtful'])
    expect((await examineDisk('/data', { free: 0, size: 500 * GiB })).map(({ health }) => health)).toEqual(['broken'])
    const gone = mkdtempSync(join(tmpdir(), 'clientshare-doctor-'))
    rmSync(gone, { recursive: true })
    expect((await examineDisk(gone)).map(({ health }) => health)).toEqual(['broken'])
  })

  // Needs MINIO_BINARY: the rest is found with a folder.
  describe.skipIf(!sharedMinio)('on S3 (skipped without MINIO_BINARY)', () => {
    const onS3 = () => ({
      ...s3Env(sharedMinio!, sharedMinio!.endpoint),
      STORAGE: 's3',
      S3_BUCKET: newBucket(),
    })

    it('finds nothing where all is well', async () => {
      expect(await complaints(onS3())).toEqual({ code: 0, complaints: [] })
    })

    it('finds a bucket that everybody can list, and something on the way that drops Content-MD5', async () => {
      const settings = onS3()
      const { hostname, port } = new URL(sharedMinio!.endpoint)
      const endpoint = await serve((asked, response) => {
        const { 'content-md5': _dropped, ...headers } = asked.headers
        // With the host that was asked, which is signed.
        const onward = request({
          hostname,
          port,
          method: asked.method,
          path: asked.url,
          headers,
        }, answer => answer.pipe(response.writeHead(answer.statusCode!, answer.headers)))
        onward.on('error', () => response.destroy())
        asked.pipe(onward)
      })
      expect(await complaints({ ...settings, S3_ENDPOINT: endpoint })).toEqual({
        code: 0,
        complaints: [
          expect.stringMatching(/^look {2}store {5}The store takes a body with a wrong MD5/),
        ],
      })
      const { accessKey, secretKey } = sharedMinio!
      const client = new Client({
        endPoint: hostname,
        port: Number(port),
        useSSL: false,
        accessKey,
        secretKey,
      })
      await client.setBucketPolicy(settings.S3_BUCKET, JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: {
              AWS: ['*'],
            },
            Action: ['s3:ListBucket'],
            Resource: [`arn:aws:s3:::${settings.S3_BUCKET}`],
          },
        ],
      }))
      expect(await complaints(settings)).toEqual(broken(/^FAIL {2}store {5}Everybody who can reach the store can list the bucket/))
    })

    it('finds a store that does not answer, and one whose secret is wrong', async () => {
      expect(await complaints({
        ...onS3(),
        S3_ENDPOINT: 'http://127.0.0.1:1',
      })).toEqual(broken(/^FAIL {2}store {5}The store does not answer at http:\/\/127\.0\.0\.1:1/))
      expect(await complaints({
        ...onS3(),
        S3_SECRET_KEY: 'not the secret',
      })).toEqual(broken(/^FAIL {2}store {5}.*Check S3_SECRET_KEY/))
    })
  })
})
