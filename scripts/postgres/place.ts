import type { PostgresAccount } from './account.ts'
import type { Programs } from './programs.ts'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LaunchProblem } from '../lib/launch-problem.ts'
import { syncFolder, writeDurably } from '../lib/write-durably.ts'
import { choosePostgresAccount, ensureReach, giveTo, makeFolder } from './account.ts'
import { runProgram, startProblem, whenEnded } from './programs.ts'

/** A cluster's folders, and who owns them. */
export interface Place { folder: string, data: string, socket: string, log: string, account: PostgresAccount }

export interface Credentials { superuser: string, application: string }

export const SUPERUSER = 'postgres'
const MAJOR = '18'
/** By whichever of these names the system knows the characters of Unicode. */
const CHARACTER_SETS = ['C.UTF-8', 'en_US.UTF-8', 'UTF-8', 'C']

/** Makes the folders, owned by the right account. */
export function openPlace(path: string, programs: Programs): Place {
  const folder = resolve(path)
  const data = join(folder, 'data')
  const place = {
    folder,
    data,
    socket: join(folder, 'socket'),
    log: join(folder, 'log'),
  }
  const account = choosePostgresAccount(data)
  for (const each of [folder, place.socket, place.log]) makeFolder(account, each)
  return {
    ...place,
    account: ensureReach(account, folder, programs.postgres),
  }
}

export function hasData(place: Place): boolean {
  return existsSync(join(place.data, 'PG_VERSION'))
}

interface CreateOptions {
  /** Waits until it is on the disk. */
  sync: boolean
  signal?: AbortSignal
  /** Told the id of each program that works on it. */
  onChild: (pid: number) => void
}

/** Makes the cluster under another name and renames it when it is whole, so that a start cut short leaves nothing half-made. */
export async function createData(place: Place, programs: Programs, options: CreateOptions): Promise<void> {
  const draft = `${place.data}.new`
  const passwordFile = join(place.folder, 'password.new')
  const credentials: Credentials = {
    superuser: randomBytes(24).toString('base64url'),
    application: randomBytes(24).toString('base64url'),
  }
  try {
    writeDurably(credentialsFile(place), JSON.stringify(credentials))
    writeFileSync(passwordFile, credentials.superuser, { mode: 0o600 })
    giveTo(place.account, passwordFile)
    let output = ''
    for (const characters of CHARACTER_SETS) {
      rmSync(draft, { recursive: true, force: true })
      const result = await initdb(place, programs, [
        `--pgdata=${draft}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // PostgreSQL's own: sorts the same on every machine. Only what counts as a letter comes from the system.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        `--lc-ctype=${characters}`,
        '--data-checksums',
        ...(options.sync
          ? []
          : ['--no-sync']),
      ], options)
      if (result.code === 0) {
        renameSync(draft, place.data)
        if (options.sync) syncFolder(place.folder)
        return
      }
      output = result.output
      if (!output.includes('invalid locale name')) break
    }
    throw startProblem('The database could not be made', output, place.folder)
  }
  finally {
    rmSync(passwordFile, { force: true })
    rmSync(draft, { recursive: true, force: true })
  }
}

async function initdb(place: Place, programs: Programs, args: string[], { signal, onChild }: CreateOptions): Promise<{ code: number, output: string }> {
  signal?.throwIfAborted()
  const child = runProgram(place.account, programs.initdb, args, 'pipe')
  if (child.pid) onChild(child.pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => output += text)
  const end = () => child.kill('SIGTERM')
  signal?.addEventListener('abort', end)
  const code = await whenEnded(child)
  signal?.removeEventListener('abort', end)
  signal?.throwIfAborted()
  return { code, output }
}

/** @throws {LaunchProblem} when another major version made the cluster. */
export function checkVersion(place: Place): void {
  const version = readFileSync(join(place.data, 'PG_VERSION'), 'utf8').trim()
  if (version !== MAJOR) throw new LaunchProblem(`The database in ${place.data} was made by PostgreSQL ${version}; this version of ClientShare brings ${MAJOR}.`)
}

export function readCredentials(place: Place): Credentials {
  const file = credentialsFile(place)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Credentials
  }
  catch (error) {
    throw new LaunchProblem(`The database's passwords in ${file} cannot be read: put the file back from a backup.`, { cause: error })
  }
}

function credentialsFile(place: Place): string {
  return join(place.folder, 'credentials.json')
}
