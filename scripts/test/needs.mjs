import { spawnSync } from 'node:child_process'
import { existsSync, statfsSync } from 'node:fs'
import process from 'node:process'

/** What steps need and the repository does not bring. Each is asked for when its step begins: the settings that name it, or what is `missing`. */

const MINUTE = 60_000
const runs = (program, ...args) => spawnSync(program, args, { timeout: MINUTE }).status === 0

/** For the browser: CHROMIUM_PATH, or a Chromium or Chrome where systems put it. */
export function chromium() {
  const names = [
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
  ]
  const path = process.env.CHROMIUM_PATH
    || names.map(name => `/usr/bin/${name}`).find(file => existsSync(file))
    || ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'].find(file => existsSync(file))
  if (path && runs(path, '--version')) return { CHROMIUM_PATH: path }
  return {
    missing: path
      ? `${path} does not run.`
      : 'there is no Chromium: install one (apt-get install chromium) or set CHROMIUM_PATH.',
  }
}

/** For all that runs on S3: MINIO_BINARY, a real MinIO server. */
export function minio() {
  const path = process.env.MINIO_BINARY
  if (path && existsSync(path)) return { MINIO_BINARY: path }
  return {
    missing: path
      ? `MINIO_BINARY ${path} does not exist.`
      : 'MINIO_BINARY is not set: nothing is tried on MinIO.',
  }
}

/** For downloads that the bundled proxy sends: CADDY_BINARY, or a Caddy on the PATH. */
export function caddy() {
  const path = process.env.CADDY_BINARY || 'caddy'
  if (runs(path, 'version')) return { CADDY_BINARY: path }
  return {
    missing: process.env.CADDY_BINARY
      ? `CADDY_BINARY ${path} does not run.`
      : 'there is no Caddy: install one (apt-get install caddy) or set CADDY_BINARY. Downloads sent by the proxy are not tried.',
  }
}

/** For answers by mail: DOVECOT_BINARY, or a Dovecot where systems put it. */
export function dovecot() {
  const path = process.env.DOVECOT_BINARY || '/usr/sbin/dovecot'
  if (existsSync(path)) return { DOVECOT_BINARY: path }
  return { missing: `there is no IMAP server at ${path}: install one (apt-get install dovecot-imapd) or set DOVECOT_BINARY. Answers by mail are not tried.` }
}

/** For the API beside its description: SCHEMATHESIS, or one on the PATH. */
export function schemathesis() {
  const path = process.env.SCHEMATHESIS || 'schemathesis'
  if (runs(path, '--version')) return { SCHEMATHESIS: path }
  return {
    missing: process.env.SCHEMATHESIS
      ? `SCHEMATHESIS ${path} does not run.`
      : 'there is no Schemathesis: install one (pip install schemathesis) or set SCHEMATHESIS. The API is not held against its description.',
  }
}

export function docker() {
  return runs('docker', 'version')
    ? {}
    : { missing: 'there is no Docker that answers: docker-compose.yml is not tried.' }
}

/** Hundreds of databases and stores are made and thrown away: in memory, where the system has a folder there with room enough. */
export function fastFolder() {
  const folder = '/dev/shm'
  if (process.env.TMPDIR || !existsSync(folder)) return undefined
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize > 8 * 2 ** 30
    ? folder
    : undefined
}
