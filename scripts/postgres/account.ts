import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import process from 'node:process'
import { LaunchProblem } from '../lib/launch-problem.ts'

interface User { uid: number, gid: number }

/** Who PostgreSQL's programs run as, and so who owns its files. */
export interface PostgresAccount {
  /** Absent: whoever started us. */
  user?: User
  /** Put before a program and its arguments to become that user; empty: the ids are given to spawn. */
  prefix: string[]
}

/**
 * PostgreSQL refuses to run as root. Started by root, its programs run as the owner of the cluster, else as the system user
 * `postgres`, which is made when missing. Anybody else runs them as themselves.
 */
export function choosePostgresAccount(data: string): PostgresAccount {
  if (process.getuid?.() !== 0) return { prefix: [] }
  const owner = statSync(data, { throwIfNoEntry: false })
  if (owner && owner.uid !== 0) {
    return {
      user: { uid: owner.uid, gid: owner.gid },
      prefix: [],
    }
  }
  const user = findUser('postgres') ?? createUser('postgres') ?? findUser('nobody')
  if (!user) throw new LaunchProblem('PostgreSQL does not run as root, and there is no user postgres: add one, start as another user, or set DATABASE_URL.')
  return { user, prefix: [] }
}

export function giveTo(account: PostgresAccount, path: string): void {
  if (account.user) chownSync(path, account.user.uid, account.user.gid)
}

/** Makes a folder that only the account may enter. */
export function makeFolder(account: PostgresAccount, path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
  giveTo(account, path)
}

/**
 * Makes sure that the account reaches its folder and PostgreSQL's programs. Below root's own home it does not: then the programs
 * get the one capability that lets them past closed folders (Linux). They can read more than their own files then, but the
 * application's role is no superuser and cannot make them.
 * @throws {LaunchProblem} when that does not help either.
 */
export function ensureReach(account: PostgresAccount, folder: string, program: string): PostgresAccount {
  if (!account.user || reaches(account, folder, program)) return account
  const { uid, gid } = account.user
  const helped: PostgresAccount = {
    user: account.user,
    // Without that bit access(2), which PostgreSQL asks about its programs, does not count capabilities.
    prefix: [
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      '--no-new-privs',
      '--securebits=+no_setuid_fixup',
      ...passThrough(),
      '--',
    ],
  }
  if (reaches(helped, folder, program)) return helped
  throw new LaunchProblem(`PostgreSQL does not run as root, and its user (id ${uid}) cannot reach ${folder}: open the folders above it to others (chmod o+x), start as another user, or set DATABASE_URL.`)
}

/** Either capability will do; containers often have only the wider one (capabilities(7): bits 1 and 2 of the set). */
function passThrough(): string[] {
  const held = process.platform === 'linux'
    ? BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`)
    : 0n
  const capability = held & 0b100n
    ? 'dac_read_search'
    : 'dac_override'
  return ['inh-caps', 'ambient-caps', 'bounding-set'].map(set => `--${set}=-all,+${capability}`)
}

function reaches(account: PostgresAccount, folder: string, program: string): boolean {
  const check = [
    ...account.prefix,
    'sh',
    '-c',
    'cd "$1" && test -w . && "$2" --version',
    'sh',
    folder,
    program,
  ]
  return spawnSync(check[0]!, check.slice(1), {
    ...spawnIds(account),
    cwd: '/',
    stdio: 'ignore',
  }).status === 0
}

/** What spawn has to be told for the account. */
export function spawnIds(account: PostgresAccount): Partial<User> {
  return account.prefix.length > 0
    ? {}
    : { ...account.user }
}

function findUser(name: string): User | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' })
    return status === 0
      ? Number(stdout)
      : undefined
  })
  return uid === undefined || gid === undefined
    ? undefined
    : { uid, gid }
}

function createUser(name: string): User | undefined {
  const { status } = spawnSync('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    name,
  ], { stdio: 'ignore' })
  if (status !== 0) return undefined
  console.log(`Made the system user ${name}, because PostgreSQL does not run as root.`)
  return findUser(name)
}
