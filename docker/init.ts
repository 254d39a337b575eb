import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, closeSync, existsSync, fchmodSync, fchownSync, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'

/**
 * The first service of docker-compose.yml, at every `up`: makes the secrets that are not there yet, each in the volumes of those who
 * need it, and gives the volumes to their users. What is there is kept; what was cut short is made again. With `--renew` it replaces secrets
 * first: docs/operating.md ("Replacing secrets") has what belongs to it.
 */
const { values: { renew }, positionals: [root = '/volumes'] } = parseArgs({
  options: {
    renew: { type: 'string' },
  },
  allowPositionals: true,
})

/** Uid and gid of who reads a volume. PostgreSQL's and MinIO's secrets are read before or without a change of user. */
const SERVER = 1000
const MINIO = 1001
const SUPERUSER = 0

const folders = {
  server: {
    path: join(root, 'server-secrets'),
    owner: SERVER,
  },
  postgres: {
    path: join(root, 'postgres-secrets'),
    owner: SUPERUSER,
  },
  minio: {
    path: join(root, 'minio-secrets'),
    owner: MINIO,
  },
  setup: {
    path: join(root, 'minio-setup-secrets'),
    owner: MINIO,
  },
}

function makeSecrets(): void {
  const { server, postgres, minio, setup } = folders
  const dataBefore = holdsCluster(join(root, 'postgres-data'))
  for (const file of [
    join(server.path, 'secret_key'),
    join(postgres.path, 'password'),
  ]) {
    if (dataBefore && !existsSync(file)) throw new Error(`${file} is missing beside a database that was made with it. Put its volume back; when it is lost, docs/operating.md (“The secrets are lost”) has the way on.`)
  }
  for (const { path, owner } of Object.values(folders)) giveFolder(path, owner, 0o500)

  keep(server, 'secret_key', () => randomBytes(32).toString('base64url'))
  keep(server, 'setup_token', () => randomBytes(32).toString('base64url'))
  const password = keep(postgres, 'password', () => randomBytes(32).toString('hex'))
  put(server, 'database_url', `postgres://clientshare:${password}@postgres:5432/clientshare`)

  const rootUser = keep(minio, 'root_user', () => `root-${randomBytes(8).toString('hex')}`)
  const rootPassword = keep(minio, 'root_password', () => randomBytes(20).toString('hex'))
  const accessKey = keep(server, 's3_access_key', () => `clientshare-${randomBytes(4).toString('hex')}`)
  // S3 servers take 8 to 40 characters.
  const secretKey = keep(server, 's3_secret_key', () => randomBytes(20).toString('hex'))
  put(setup, 'root', `http://${rootUser}:${rootPassword}@minio:9000`)
  put(setup, 'user', `${accessKey}\n${secretKey}`)
}

const renewals: Record<string, () => void> = {
  secret_key() {
    const { server } = folders
    const current = join(server.path, 'secret_key')
    if (existsSync(current)) {
      // What it encrypted is encrypted again with the new one; old backups open with the old one alone. So it stays, before there is another.
      const old = `secret_key.${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}`
      put(server, old, readFileSync(current, 'utf8').trim())
      process.stdout.write(`Next: docker compose run --rm server admin rotate-key --from /run/secrets/clientshare/${old}\n`)
    }
    put(server, 'secret_key', randomBytes(32).toString('base64url'))
  },
  postgres() {
    put(folders.postgres, 'password', randomBytes(32).toString('hex'))
  },
  minio() {
    put(folders.minio, 'root_password', randomBytes(20).toString('hex'))
    put(folders.server, 's3_secret_key', randomBytes(20).toString('hex'))
  },
  /** Also beside a database that was made with others: those were lost. */
  all() {
    for (const what of ['secret_key', 'postgres', 'minio']) renewals[what]!()
  },
}

/** @throws when it is not known what to replace */
function renewSecrets(what: string): void {
  const renewal = Object.hasOwn(renewals, what)
    ? renewals[what]
    : undefined
  if (!renewal) throw new Error(`There is no “${what}” to renew: ${Object.keys(renewals).join(', ')}.`)
  renewal()
}

/** A database, wherever its image keeps it. Not just anything: a new volume may have what its image has there. */
function holdsCluster(folder: string, depth = 3): boolean {
  return readdirSync(folder, { withFileTypes: true }).some(entry => entry.name === 'PG_VERSION' || (depth > 0 && entry.isDirectory() && holdsCluster(join(folder, entry.name), depth - 1)))
}

interface Folder { path: string, owner: number }

/** @returns what is in the file, made first when it is not there. */
function keep(folder: Folder, name: string, make: () => string): string {
  const file = join(folder.path, name)
  if (!existsSync(file)) put(folder, name, make())
  return readFileSync(file, 'utf8').trim()
}

/** After a crash the file is there whole, as it was or as it is now. */
function put({ path, owner }: Folder, name: string, text: string): void {
  const file = join(path, name)
  if (existsSync(file) && readFileSync(file, 'utf8') === `${text}\n`) return
  const draft = `${file}.new`
  rmSync(draft, { force: true })
  const handle = openSync(draft, 'wx', 0o400)
  try {
    writeFileSync(handle, `${text}\n`)
    fchmodSync(handle, 0o400)
    fchownSync(handle, owner, owner)
    fsyncSync(handle)
  }
  finally {
    closeSync(handle)
  }
  renameSync(draft, file)
  const parent = openSync(path, 'r')
  fsyncSync(parent)
  closeSync(parent)
}

/** Changes the mode while it is its owner: that needs one capability less. */
function giveFolder(path: string, owner: number, mode: number): void {
  mkdirSync(path, { recursive: true })
  const { uid, gid, mode: before } = lstatSync(path)
  if (uid === owner && gid === owner && (before & 0o777) === mode) return
  chownSync(path, process.getuid!(), process.getgid!())
  chmodSync(path, mode)
  chownSync(path, owner, owner)
}

/** Everything below too, when the folder was somebody else's: a volume of an earlier version, or copied in. */
function giveTree(path: string, owner: number): void {
  if (lstatSync(path).uid === owner) return
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) chownLink(join(entry.parentPath, entry.name), owner)
  giveFolder(path, owner, 0o700)
}

function chownLink(path: string, owner: number): void {
  if (!lstatSync(path).isSymbolicLink()) chownSync(path, owner, owner)
}

try {
  if (renew !== undefined) renewSecrets(renew)
  makeSecrets()
  giveTree(join(root, 'data'), SERVER)
  giveTree(join(root, 'minio-data'), MINIO)
}
catch (error) {
  process.stderr.write(`init: ${(error as Error).message}\n`)
  process.exitCode = 1
}
