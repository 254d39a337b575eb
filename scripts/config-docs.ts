// Writes docs/configuration.md and .env.example from the server's ConfigSchema; with --check only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { ConfigSchema, expectationOf } from '../server/src/config/config.ts'
import { defaultOf, settingOf } from '../server/src/config/fragment.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Row { env: string, description: string, secret: boolean, fallback: string, rule: string }

/** What the launcher or the server fills in where the schema has no default of its own. */
const filledIn: Record<string, string> = {
  PUBLIC_URL: '`http://localhost:PORT`',
  DATABASE_URL: 'with `npm start`: the embedded PostgreSQL',
  SECRET_KEY: 'with `npm start`: made once, kept in `DATA_DIR/instance.key`',
  SETUP_TOKEN: 'random',
  WEB_DIR: '`web/dist`',
}

const rows: Row[] = Object.values(ConfigSchema.properties).map((schema) => {
  const { env, description, secret = false } = settingOf(schema)
  const fallback = defaultOf(schema)
  const rule = expectationOf(schema)
  return {
    env,
    description,
    secret,
    fallback: filledIn[env] ?? (fallback === undefined || fallback === ''
      ? '–'
      : `\`${String(fallback)}\``),
    rule: rule.startsWith('must')
      ? rule.replace(/^must (?:be|have) /, '')
      : '',
  }
})

const cell = (text: string) => text.replaceAll('|', '\\|')

export function renderConfiguration(): string {
  return `# Configuration

<!-- Written by scripts/config-docs.ts from server/src/config: change it there. -->

The server reads its settings from the environment, once, when it starts. Whatever is wrong it says at once, one line each, and exits with
code 78. An empty setting counts as absent.

Every setting can also come from a file: \`NAME_FILE\` is the path of a file that holds the value of \`NAME\`. Use it for those marked 🔒.

| Setting | Meaning | Value | Default |
| --- | --- | --- | --- |
${rows.map(row => `| \`${row.env}\`${row.secret ? ' 🔒' : ''} | ${cell(row.description)} | ${cell(row.rule)} | ${cell(row.fallback)} |`).join('\n')}
`
}

interface ComposeSetting { env: string, description: string, fallback: string }

/** What docker-compose.yml and docker/prebuilt.yml alone read. */
export const composeSettings: ComposeSetting[] = [
  { env: 'HTTP_PORT', description: 'Port that is published for http; 127.0.0.1:8080 publishes it to this machine alone, for a proxy in front', fallback: '80' },
  { env: 'HTTPS_PORT', description: 'Port that is published for https; used with DOMAIN only', fallback: '443' },
  { env: 'ACME_EMAIL', description: 'Told to the certificate authority with DOMAIN, which writes to it when something is wrong', fallback: '' },
  { env: 'SERVER_REPLICAS', description: 'How many servers run beside one another', fallback: '1' },
  { env: 'POSTGRES_REPLICAS', description: '0: the bundled PostgreSQL does not run, because DATABASE_URL names another', fallback: '1' },
  { env: 'MINIO_REPLICAS', description: '0: the bundled MinIO does not run, because S3_ENDPOINT names another S3 server, or STORAGE is local', fallback: '1' },
  { env: 'POSTGRES_IMAGE', description: 'Another image of PostgreSQL; a new major version needs its data moved first', fallback: 'postgres:18-bookworm' },
  { env: 'MINIO_IMAGE', description: 'Another build of MinIO that has the server and mc', fallback: 'pgsty/silo:RELEASE.2026-09-16T00-00-00Z' },
  { env: 'COMPOSE_PROJECT_NAME', description: 'Begins the names of containers, volumes and images; without it the folder’s name, but images built by compose 1.29 are called clientshare-…', fallback: 'clientshare' },
  { env: 'COMMIT', description: 'While images are built: the commit of the sources, which the server tells of itself', fallback: '' },
  { env: 'IMAGE_REGISTRY', description: 'With COMPOSE_FILE=docker-compose.yml:docker/prebuilt.yml: where the published images are, as ghcr.io/owner', fallback: '' },
  { env: 'IMAGE_TAG', description: 'With docker/prebuilt.yml: which of them', fallback: '0.1.0' },
  { env: 'CLAMAV_IMAGE', description: 'With the profile clamav: its image', fallback: 'clamav/clamav:1.4' },
  { env: 'COMPOSE_PROFILES', description: 'Comma-separated: worker (jobs in a service of their own, with PROCESS_MODE=web), clamav (a virus scanner; nothing asks it yet), mail (a mail relay: SMTP_URL=smtp://mail:2525 and SMTP_ALLOW_PLAIN=true)', fallback: '' },
  { env: 'MAIL_RELAY_HOST', description: 'With the profile mail: the mail server that takes what is sent', fallback: '' },
  { env: 'MAIL_RELAY_PORT', description: 'Its port; 465 is TLS from the start, others STARTTLS', fallback: '587' },
  { env: 'MAIL_RELAY_USER', description: 'Its user; absent: without signing in', fallback: '' },
  { env: 'MAIL_RELAY_PASSWORD', description: 'The user’s password', fallback: '' },
]

/** What docker-compose.yml sets by itself: there is nothing to choose. */
export const fixedByCompose = [
  'HOST',
  'PORT',
  'DATA_DIR',
  'WEB_DIR',
  'SECRETS_DIR',
  'PUBLIC_PORT',
]

/** Where docker-compose.yml has another default than the server. */
export const composeDefaults: Record<string, string> = {
  STORAGE: 's3',
  S3_ENDPOINT: 'http://minio:9000',
  DOWNLOADS_BY: 'proxy',
  DRAIN_SECONDS: '60',
}

export function renderEnvExample(): string {
  const entry = (env: string, description: string, value: string) => `# ${description}\n# ${env}=${value}`
  const ofServer = rows.filter(({ env }) => !fixedByCompose.includes(env)).map(({ env, description, secret, fallback }) => entry(env, description + (secret ? ' (secret)' : ''), composeDefaults[env]
    ?? (/^`[^`]+`$/.test(fallback) && !filledIn[env]
      ? fallback.slice(1, -1)
      : '')))
  return `# Written by scripts/config-docs.ts from server/src/config. Copy to .env for docker compose and change what you need: nothing is
# needed for a trial on http://localhost. For a server on the Internet set DOMAIN. What stands behind a name here is what it is without it.

# --- docker compose ---------------------------------------------------------------------------------------------------------------------

${composeSettings.map(({ env, description, fallback }) => entry(env, description, fallback)).join('\n\n')}

# --- the server, as docker-compose.yml passes it on; docs/configuration.md has its own defaults -------------------------------------------
# Secrets are made at random at the first start. Those set here are used instead, and stand in the containers' settings.

${ofServer.join('\n\n')}
`
}

/** The generated files, by their path in the repository. */
export const configDocs = { 'docs/configuration.md': renderConfiguration, '.env.example': renderEnvExample }

if (import.meta.main) {
  const stale = Object.entries(configDocs).filter(([path, render]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== render())
  if (process.argv.includes('--check')) {
    for (const [path] of stale) console.error(`Not what the settings say: ${path}. Run: node scripts/config-docs.ts`)
    process.exitCode = stale.length > 0
      ? 1
      : 0
  }
  else {
    for (const [path, render] of stale) writeFileSync(join(root, path), render())
  }
}
