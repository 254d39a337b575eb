import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { lockFolder } from './folder-lock.ts'
import { LaunchProblem } from './launch-problem.ts'
import { writeDurably } from './write-durably.ts'

/** What `npm start` and `npm run clientshare` stand on: one data folder with the instance key and the embedded PostgreSQL, and one environment for the server. */
export const root = resolve(import.meta.dirname, '../..')
export const serverMain = join(root, 'server/src/main.ts')
export const dataDir = resolve(process.env.DATA_DIR || join(root, 'data'))
export const databaseFolder = join(dataDir, 'postgres')

/** Makes the data folder. */
export function makeDataDir(): void {
  const made = mkdirSync(dataDir, { recursive: true })
  // As root, PostgreSQL's user must be able to pass through; what lies inside is closed by its own modes.
  if (made) {
    chmodSync(dataDir, process.getuid?.() === 0
      ? 0o711
      : 0o700)
  }
}

/** Takes the data folder for this process. @returns gives it back. @throws {FolderTaken} */
export const takeDataDir = () => lockFolder(join(dataDir, 'launcher.lock'), dataDir)

/** The environment of the server and its commands, without the address of the database unless it is set. @throws {LaunchProblem} when the instance key is lost */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, DATA_DIR: dataDir }
  env.NODE_COMPILE_CACHE ||= join(root, 'node_modules/.cache/node-compile')
  env.CLIENTSHARE_COMMAND ||= 'npm run clientshare --'
  if (!env.SECRET_KEY && !env.SECRET_KEY_FILE) env.SECRET_KEY_FILE = ensureInstanceKey()
  return env
}

/** Whether the server is told of a database, so that the embedded one is not its own. */
export const namesDatabase = (env: NodeJS.ProcessEnv) => Boolean(env.DATABASE_URL || env.DATABASE_URL_FILE)

/** The environment of a server whose database is the embedded one, at this address. */
export const withEmbedded = (env: NodeJS.ProcessEnv, url: string): NodeJS.ProcessEnv => ({ ...env, DATABASE_URL: url, CLIENTSHARE_DATABASE_FOLDER: databaseFolder })

/** Says that the first start takes longer. */
export function tellFirstStart(): void {
  if (!existsSync(join(databaseFolder, 'data'))) console.error('Making the database (once)…')
}

function ensureInstanceKey(): string {
  const file = join(dataDir, 'instance.key')
  if (existsSync(file)) return file
  if (existsSync(join(databaseFolder, 'data'))) {
    throw new LaunchProblem(`${file} is missing, and the links in the database cannot be read without it: put it back from a backup, or set SECRET_KEY as before.`)
  }
  writeDurably(file, `${randomBytes(32).toString('base64url')}\n`)
  return file
}
