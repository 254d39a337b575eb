import type { RunOptions } from './stack.ts'
import type { Kept } from './use.ts'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { setUp } from '../../server/acceptance/support/api-client.ts'
import { assert, compose, composeEnds, containersOf, docker, images, logsOf, PROJECT, root, same, sha256, until, untilHealthy, untilReady, url } from './stack.ts'
import { linkOpens, read, share, signIn, upload } from './use.ts'

/**
 * What docs/operating.md ("When something is lost") tells, by its commands: each scene loses something, sees that nothing else is lost by it, and ends with every
 * file there but for what that page says is lost, and everything proved. They follow one another.
 */
export interface Losses {
  database: () => Promise<string>
  store: () => Promise<string>
  secrets: () => Promise<string>
  host: () => Promise<string>
  hostEncrypted: () => Promise<string>
  wrongRestore: () => Promise<string>
  /** Of the machine's folder of backups. */
  cleanUp: () => void
}

export async function startLosses(): Promise<Losses> {
  const folder = mkdtempSync(join(tmpdir(), 'clientshare-losses-'))
  const backups = join(folder, 'backups')
  docker([
    'run',
    '--rm',
    '--network',
    'none',
    '--user',
    '0:0',
    '--volume',
    `${folder}:/folder`,
    '--entrypoint',
    'install',
    images.server,
    '-d',
    '-o',
    '1000',
    '/folder/backups',
  ])
  const override = join(folder, 'docker-compose.override.yml')
  writeFileSync(override, `services:\n  server: {volumes: ['${backups}:/backup']}\n`)
  chmodSync(folder, 0o755)
  /** The operator's `.env`. */
  const env: Record<string, string> = {
    COMPOSE_FILE: `${join(root, 'docker-compose.yml')}:${override}`,
    BACKUP_TO: '/backup',
  }
  const run = (args: readonly string[], options: RunOptions = {}) => compose(args, { ...options, env })
  /** @returns all that it said, its answer first */
  function inServerFrom(input: string, ...args: string[]): string {
    const { status, said } = composeEnds(['run', '--rm', '-T', 'server', ...args], { env, input })
    assert(status === 0, `${args.join(' ')} ended with ${status}: ${said.slice(-3000)}`)
    return said
  }
  const inServer = (...args: string[]) => inServerFrom('', ...args)
  const endsInServer = (...args: string[]) => composeEnds(['run', '--rm', '-T', 'server', ...args], { env })
  const inPostgres = (script: string) => run([
    'exec',
    '-T',
    'postgres',
    'sh',
    '-c',
    script,
  ])
  const stop = () => run(['stop', 'web', 'server'])
  const emptyDatabase = () => inPostgres('dropdb -U clientshare --force clientshare && createdb -U clientshare clientshare')
  const secretKey = () => run([
    'run',
    '--rm',
    '-T',
    '--no-deps',
    '--entrypoint',
    'cat',
    'server',
    '/run/secrets/clientshare/secret_key',
  ]).trim()
  /** Its containers have to go first. */
  const lose = (...volumes: string[]) => {
    run(['down'])
    docker([
      'volume',
      'rm',
      ...volumes.map(volume => `${PROJECT}_${volume}`),
    ])
  }
  const start = async () => {
    run(['up', '-d'])
    await untilReady()
  }
  const untilServerSays = (words: string) => until(`the server says “${words}”`, () => containersOf('server').some(id => logsOf(id).includes(words)))

  const files = new Map<string, string>()
  let link: Kept

  async function add(name: string): Promise<string> {
    const bytes = randomBytes(200_000)
    const { id } = await upload(await signIn(), name, bytes)
    files.set(id, sha256(bytes))
    return id
  }

  /** Every file, byte for byte; the link, and its address for staff; and all that `verify` proves. @returns what that says of the files */
  async function everythingIsThere(): Promise<string> {
    const { api, workspaceId } = await signIn()
    for (const [id, digest] of files) same(await read(api, id), digest, `The file ${id}`)
    await linkOpens(link)
    const { items } = await api.must('GET', `/workspaces/${workspaceId}/links`)
    assert((items as { url: string }[]).some(({ url }) => url.endsWith(link.link)), 'Staff cannot copy the link’s address')
    const proved = inServer('verify', '--deep')
    return /^.*files.*$/m.exec(proved)?.[0].trim() ?? proved
  }

  async function isLost(id: string, status: number): Promise<void> {
    files.delete(id)
    same(await read((await signIn()).api, id), status, 'What came after the backup')
  }

  await start()
  const [, setupToken] = /enter the token (\S+)/.exec(logsOf(containersOf('server')[0]!)) ?? []
  const fixture = await setUp({ url, setupToken: setupToken! } as Parameters<typeof setUp>[0])
  for (let n = 0; n < 10; n++) await add(`${n}`)
  const [fileId, digest] = [...files][0]!
  link = {
    fileId,
    digest,
    link: await share(fixture, fileId),
  }

  return {
    async database() {
      inServer('backup')
      const later = await add('after the backup')
      lose('postgres-data')
      run(['up', '-d'])
      await untilServerSays('The store has files of a deployment, but the database is empty')
      stop()
      const said = inServer('restore', '--keep-store')
      assert(/^1 object .* kept aside/m.test(said), `What came after the backup is not kept aside: ${said}`)
      await start()
      await isLost(later, 404)
      return everythingIsThere()
    },

    async store() {
      inServer('backup')
      const later = await add('also after the backup')
      lose('minio-data')
      run(['up', '-d'])
      await untilServerSays('The store is empty, or lacks most of the files')
      stop()
      const { status, said } = endsInServer('backup')
      same(status, 2, 'The backup of what is left ends with')
      assert(said.includes(later), `It does not name the file that is lost: ${said}`)
      emptyDatabase()
      inServer('restore')
      await start()
      await isLost(later, 409)
      return everythingIsThere()
    },

    async secrets() {
      const key = secretKey()
      lose('server-secrets', 'postgres-secrets', 'minio-secrets', 'minio-setup-secrets')
      const { status } = composeEnds(['up', '-d'], { env })
      assert(status !== 0, '`up` does not fail')
      assert(containersOf('init').some(id => logsOf(id).includes('is missing beside a database')), 'init does not say what is missing')
      run(['down'])
      run([
        'run',
        '--rm',
        '-T',
        'init',
        '--renew',
        'all',
      ])
      run(['up', '-d', 'postgres'])
      await untilHealthy('postgres')
      inPostgres(`printf "alter role clientshare password '%s'" "$(cat /run/secrets/postgres/password)" | psql -q -U clientshare`)
      inServerFrom(key, 'admin', 'rotate-key', '--from', '-')
      await start()
      assert(secretKey() !== key, 'The key is the old one')
      return everythingIsThere()
    },

    async host() {
      env.SECRET_KEY = secretKey()
      inServer('backup')
      run(['down', '--volumes'])
      inServer('restore', '--dry-run')
      inServer('restore')
      await start()
      return everythingIsThere()
    },

    async hostEncrypted() {
      const identity = await generateIdentity()
      env.BACKUP_RECIPIENT = await identityToRecipient(identity)
      const key = env.SECRET_KEY!
      inServer('backup')
      run(['down', '--volumes'])
      delete env.SECRET_KEY
      delete env.BACKUP_RECIPIENT
      const settings = inServerFrom(identity, 'restore', '--settings', '--identity', '-').split('\n')
      assert(settings.includes(`SECRET_KEY=${key}`), 'The backup does not tell the key')
      env.BACKUP_RECIPIENT = settings.find(line => line.startsWith('BACKUP_RECIPIENT='))!.split('=')[1]!
      inServerFrom(identity, 'restore', '--identity', '-')
      await start()
      assert(secretKey() !== key, 'The key is the old one')
      delete env.BACKUP_RECIPIENT
      return everythingIsThere()
    },

    async wrongRestore() {
      inServer('backup')
      const older = inServer('backup', '--list').split(/\s/, 1)[0]!
      inPostgres('pg_dump -U clientshare -Fc clientshare > /tmp/older.dump')
      run(['restart', 'server'])
      await untilReady()
      const newer = await add('newer than the older backup')
      inServer('backup')
      const newest = inServer('backup', '--list').split(/\s/, 1)[0]!
      const undo = async () => {
        stop()
        emptyDatabase()
        inServer('restore', '--keep-store', '--backup', newest)
        await start()
        return everythingIsThere()
      }

      const beside = endsInServer('restore', '--backup', older)
      same([
        beside.status,
        beside.said.includes('Servers are running'),
      ], [75, true], 'A restore beside servers')
      stop()
      const over = endsInServer('restore', '--backup', older)
      same([
        over.status,
        over.said.includes('The database is not empty'),
      ], [78, true], 'A restore over what is there')

      emptyDatabase()
      inPostgres('pg_restore -U clientshare -d clientshare /tmp/older.dump')
      run(['up', '-d'])
      await untilServerSays('The store was used later than this database')
      await undo()

      stop()
      emptyDatabase()
      inServer('restore', '--keep-store', '--backup', older)
      await start()
      same(await read((await signIn()).api, newer), 404, 'The newer file, after the older backup')
      return undo()
    },

    cleanUp() {
      docker([
        'run',
        '--rm',
        '--network',
        'none',
        '--user',
        '0:0',
        '--volume',
        `${folder}:/folder`,
        '--entrypoint',
        'rm',
        images.server,
        '-r',
        '/folder/backups',
      ], { allowFailure: true })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
