// Writes docs/configuration.md and .env.example from the server's ConfigSchema; with --check only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { ConfigSchema, defaultOf, expectationOf, settingOf } from '../server/src/config/config.ts'

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

<!-- Written by scripts/config-docs.ts from server/src/config/config.ts: change it there. -->

The server reads its settings from the environment, once, when it starts. Whatever is wrong it says at once, one line each, and exits with
code 78. An empty setting counts as absent.

Every setting can also come from a file: \`NAME_FILE\` is the path of a file that holds the value of \`NAME\`. Use it for those marked 🔒.

| Setting | Meaning | Value | Default |
| --- | --- | --- | --- |
${rows.map(row => `| \`${row.env}\`${row.secret ? ' 🔒' : ''} | ${cell(row.description)} | ${cell(row.rule)} | ${cell(row.fallback)} |`).join('\n')}
`
}

export function renderEnvExample(): string {
  const lines = rows.map(({ env, description, secret, fallback }) => {
    const value = /^`[^`]+`$/.test(fallback) && !filledIn[env]
      ? fallback.slice(1, -1)
      : ''
    return `# ${description}${secret
      ? ` (or ${env}_FILE)`
      : ''}\n# ${env}=${value}`
  })
  return `# Written by scripts/config-docs.ts from server/src/config/config.ts. docs/configuration.md explains each setting.\n\n${lines.join('\n\n')}\n`
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
