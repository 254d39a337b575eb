import type { BackupTest } from './backups.fixture.ts'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { Decrypter } from 'age-encryption'
import { describe, expect, it } from 'vitest'
import { isSoak } from '../../../test/soak.ts'
import { findViolations } from '../../../test/violations.ts'
import { createOpener, createSealer } from '../../crypto/age.ts'
import { unseal } from '../../crypto/secrets.ts'
import { linkKeyOf } from '../instance/instance-key.service.ts'
import { links } from '../links/links.table.ts'
import { users } from '../users/users.table.ts'
import { connectForBackup } from './backup-connection.ts'
import { objectsOf, partKey, writeManifest } from './backup-format.ts'
import { newKey, pathIn, sumsOf, useBackupTest, useEmptyDeployment } from './backups.fixture.ts'
import { pruneBackups } from './prune-backups.ts'

const signal = new AbortController().signal
const violations = (deployment: Parameters<typeof findViolations>[0]) => findViolations(deployment, { byHand: true })

async function useLink({ test, workspace }: BackupTest): Promise<string> {
  const made = await test.call('POST', `/workspaces/${workspace.id}/links`, {
    token: workspace.owner.token,
    body: {
      itemIds: [workspace.rootId],
    },
  })
  expect(made.status).toBe(201)
  return (made.body.url as string).split('/').at(-1)!
}

/** What the target is given of objects, by the keys of the deployment; each run from anew. */
function written({ target }: BackupTest) {
  const keys: string[] = []
  const faults = {
    async putObject(...args: Parameters<typeof target.storage.putObject>) {
      const [, key] = /^(?:objects|encrypted\/\w{16})\/(.+)$/.exec(args[0]) ?? []
      if (key !== undefined) keys.push(key)
      return target.storage.putObject(...args)
    },
  }
  return {
    keys,
    faults,
    take: () => keys.splice(0).sort(),
  }
}

describe('an encrypted backup', () => {
  it('tells nothing of what is in it, opens with its key alone, and comes back under another SECRET_KEY', async () => {
    const key = await newKey()
    const backup = await useBackupTest({ S3_SECRET_KEY: 'a-secret-that-is-kept', ADMIN_EMAIL: 'me@example.com', ADMIN_PASSWORD: 'a password of mine' }, key)
    const { test, target, folder } = backup
    const files = []
    // The lengths around a block of age, and none.
    for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000]) files.push(await backup.addFile(randomBytes(size)))
    const token = await useLink(backup)
    const before = await sumsOf(test.deps.db)
    const { config } = test
    const { manifest } = await backup.backup({
      deps: {
        settings: {
          settings: { PUBLIC_URL: config.publicUrl, ADMIN_EMAIL: 'me@example.com' },
          secrets: { SECRET_KEY: config.secretKey, DATABASE_URL: config.databaseUrl },
        },
      },
    })
    expect(manifest).toMatchObject({
      format: 2,
      settings: {},
      secretsToKeep: [],
      encrypted: {
        recipients: [key.recipient],
      },
      holds: { objects: 6, damaged: 0 },
    })

    const decrypter = new Decrypter()
    decrypter.addIdentity(key.identity)
    const telling = [
      config.secretKey,
      config.databaseUrl,
      'me@example.com',
      backup.workspace.owner.email,
      ...files.flatMap(({ content, sha256 }) => [
        sha256,
        ...content.length > 1
          ? [
              content.subarray(0, 40),
            ]
          : [],
      ]),
    ]
    for await (const { key: name } of target.storage.listObjects()) {
      const bytes = await readFile(pathIn(folder, name))
      const inClear = name === partKey(manifest.id, 'encrypted')
        ? gunzipSync(bytes)
        : bytes
      for (const text of telling) {
        expect([
          name,
          inClear.includes(text),
        ]).toEqual([name, false])
      }
      if (inClear !== bytes || name === 'backup-target' || name.endsWith('/manifest')) continue
      // What the library that age's author wrote opens, “age --decrypt” opens.
      const plain = Buffer.from(await decrypter.decrypt(bytes))
      const file = files.find(({ objectKey }) => name.endsWith(objectKey))
      if (file) expect(plain.equals(file.content)).toBe(true)
      else gunzipSync(plain)
    }

    const secretKey = 'another key of 32 characters or more'
    const other = await useEmptyDeployment(test, { empty: true })
    const { proof } = await other.restore(target, { opener: key.opener, secretKey })
    expect(proof).toMatchObject({ objects: 6, links: 1, damaged: 0 })
    const after = await sumsOf(other.db)
    expect(await violations(other)).toEqual([])
    const [link] = await other.db.select({ sealed: links.tokenCiphertext }).from(links)
    expect(unseal(linkKeyOf(secretKey), link!.sealed)).toBe(token)
    expect(Object.keys(before).filter(table => before[table] !== after[table])).toEqual([
      'audit_chains',
      'audit_events',
      'audit_personal',
      'instance',
      'links',
      'restores',
      'sessions',
    ])
    for (const file of files) expect((await buffer((await other.storage.getObject(file.objectKey)).body)).equals(file.content)).toBe(true)
  })

  it('stores each object once for its keys, and again for others or for none', async () => {
    const [first, second] = [await newKey(), await newKey()]
    const backup = await useBackupTest()
    const { test, target } = backup
    const put = written(backup)
    const files = []
    for (let i = 0; i < 5; i++) files.push((await backup.addFile(randomBytes(1000 + i))).objectKey)
    const all = files.sort()
    const make = (key?: { sealer: typeof first.sealer }) => backup.backup({
      targetFaults: put.faults,
      deps: { sealer: key?.sealer },
    })

    await make()
    expect(put.take()).toEqual(all)
    // What lies there in clear is not taken for encrypted.
    const encrypted = await make(first)
    expect(put.take()).toEqual(all)
    expect(encrypted.kept.objects).toBe(0)
    const later = await backup.addFile('later')
    expect((await make(first)).kept.objects).toBe(5)
    expect(put.take()).toEqual([later.objectKey])
    const both = await createSealer([second.recipient, first.recipient])
    const { manifest } = await make({ sealer: both })
    expect(put.take()).toEqual([...all, later.objectKey].sort())
    await make({ sealer: await createSealer([first.recipient, second.recipient]) })
    await make(first)
    await make()
    expect(put.take()).toEqual([later.objectKey])
    for (const { opener } of isSoak
      ? [first, second]
      : [second]) await (await useEmptyDeployment(test)).restore(target, { backupId: manifest.id, opener })

    // Without any key: of the newest alone only what lies in clear is needed.
    test.clock.advance(48 * 3_600_000)
    await make()
    const connection = await connectForBackup(test.config.databaseUrl)
    expect(await pruneBackups(connection, target, { daily: 1, weekly: 0, monthly: 0 }, signal).finally(() => connection.release())).toEqual({ backups: 7, objects: 12 })
    await (await useEmptyDeployment(test)).restore(target)
  })

  it('takes over what a run that was stopped has encrypted, and does without the lists of earlier ones', async () => {
    const key = await newKey()
    const backup = await useBackupTest({}, key)
    const { target, folder } = backup
    const put = written(backup)
    for (let i = 0; i < 8; i++) await backup.addFile(randomBytes(70_000 + i))
    const stop = new AbortController()
    await expect(backup.backup({
      signal: stop.signal,
      targetFaults: {
        putObject: async (...args) => {
          if (put.keys.length >= 5) stop.abort(new Error('SIGINT'))
          return put.faults.putObject(...args)
        },
      },
    })).rejects.toThrow('SIGINT')
    put.take()
    const { manifest } = await backup.backup({ targetFaults: put.faults })
    expect(put.take().length).toBeLessThanOrEqual(8 - 4 + 4)
    await writeFile(pathIn(folder, manifest.encrypted!.objects.key), 'spoilt')
    const { manifest: next, kept } = await backup.backup({ targetFaults: put.faults })
    expect([
      put.take(),
      kept.objects,
    ]).toEqual([[], 0])
    const other = await useEmptyDeployment(backup.test)
    await other.restore(target, { backupId: next.id, opener: key.opener })
    expect(await violations(other)).toEqual([])
  })

  it('names what is damaged in the store, and does not encrypt it', async () => {
    const key = await newKey()
    const backup = await useBackupTest({}, key)
    const { test, target } = backup
    const [right, wrong] = [await backup.addFile(randomBytes(100_000)), await backup.addFile(randomBytes(100_000))]
    const bytes = Buffer.from(wrong.content)
    bytes[99_999]! ^= 1
    await writeFile(pathIn(`${test.config.dataDir}/storage`, wrong.objectKey), bytes)
    const { manifest, newlyDamaged } = await backup.backup()
    expect([newlyDamaged, manifest.holds.objects]).toEqual([1, 1])
    const place = objectsOf(target.storage, key.sealer.recipients)
    expect([await place.statObject(right.objectKey), await place.statObject(wrong.objectKey)]).toEqual([
      {
        size: key.sealer.sizeOf(100_000),
      },
      undefined,
    ])
    expect((await (await useEmptyDeployment(test)).restore(target, { opener: key.opener })).proof).toMatchObject({ objects: 1, damaged: 1 })
  })

  it('is refused without its key, with another one, and what is looked at without a key is told', async () => {
    const [key, wrong] = [await newKey(), await newKey()]
    const backup = await useBackupTest({}, key)
    await backup.addFile('content')
    const { manifest } = await backup.backup()
    const other = await useEmptyDeployment(backup.test)
    const refused = (options: Parameters<typeof other.restore>[1], pattern: RegExp) => expect(other.restore(backup.target, options)).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(pattern),
    })
    await refused({}, new RegExp(`is encrypted for ${key.recipient}\\. Give the file with the secret key: --identity`))
    await refused({ opener: wrong.opener }, new RegExp(`is encrypted for ${key.recipient}\\. The identity file has the key of ${wrong.recipient}`))
    expect(await other.restore(backup.target, { dryRun: true })).toMatchObject({
      manifest: { id: manifest.id },
      proof: undefined,
    })
    // Something else under the name of a file, and a manifest that knows of it: only the key tells.
    const { settings } = manifest.encrypted!
    const { size, sha256 } = manifest.jobs
    await writeFile(pathIn(backup.folder, settings.key), await readFile(pathIn(backup.folder, manifest.jobs.key)))
    await writeManifest(backup.target.storage, {
      ...manifest,
      encrypted: {
        ...manifest.encrypted!,
        settings: { ...settings, size, sha256 },
      },
    }, signal)
    await expect(other.restore(backup.target, { opener: key.opener })).rejects.toMatchObject({ exitCode: 65, message: `${settings.key} has no settings.` })
    expect(await other.db.$count(users)).toBe(0)
    for await (const { key: name } of other.storage.listObjects()) expect.fail(`the store has ${name}`)
  })
})

describe('an identity file', () => {
  it('may have several keys and comments, and what is wrong with it is told without it', async () => {
    const [first, second] = [await newKey(), await newKey()]
    expect((await createOpener(`# created: 2026\r\n${first.identity}\r\n\n${second.identity}`)).recipients).toEqual([first.recipient, second.recipient])
    for (const [text, pattern] of [
      ['# nothing\n', /has no key/],
      ['-----BEGIN AGE ENCRYPTED FILE-----\n', /protected by a passphrase/],
      [first.recipient, /Its key 1 is none that age-keygen makes/],
      [`${first.identity.slice(0, -1)}${first.identity.endsWith('Q')
        ? 'P'
        : 'Q'}`, /Its key 1 is none/],
    ] as const) {
      const error = await createOpener(text).catch((error: unknown) => error as Error)
      expect((error as Error).message).toMatch(pattern)
      expect((error as Error).message).not.toContain(first.identity.slice(20, 30))
    }
  })
})
