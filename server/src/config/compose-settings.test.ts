import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CADDY_RULES, renderCaddyRules } from '../../../scripts/caddy-rules.ts'
import { composeDefaults, composeSettings, fixedByCompose } from '../../../scripts/config-docs.ts'
import { serverFlags } from '../../../scripts/lib/server-flags.ts'
import { ConfigSchema } from './config.ts'
import { settingOf } from './fragment.ts'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const compose = read('docker-compose.yml')
const prebuilt = read('docker/prebuilt.yml')
const { version } = JSON.parse(read('package.json')) as { version: string }
const mentioned = new Map<string, string[]>()
for (const [, name, fallback = ''] of (compose + prebuilt).matchAll(/(?<!\$)\$\{(\w+)(?::(?:-([^}]*)|\?[^}]*))?\}/g)) {
  mentioned.set(name!, [
    ...mentioned.get(name!) ?? [],
    fallback,
  ])
}
const ofServer = Object.values(ConfigSchema.properties).map(schema => settingOf(schema).env)
const documented = [
  ...read('.env.example').matchAll(/^# ([A-Z][A-Z0-9_]*)=/gm),
].map(([, name]) => name!)

describe('docker-compose.yml', () => {
  it('reads nothing that .env.example does not tell, and .env.example tells nothing else', () => {
    // Read by compose itself.
    expect([
      ...mentioned.keys(),
      'COMPOSE_PROFILES',
    ].sort()).toEqual([...documented].sort())
  })

  it('passes every setting of the server on, or sets it', () => {
    expect(ofServer.filter(name => !mentioned.has(name)).sort()).toEqual([...fixedByCompose].sort())
  })

  it('has the defaults that .env.example tells', () => {
    for (const { env, fallback } of composeSettings.filter(({ env }) => env !== 'COMPOSE_PROFILES')) {
      expect([
        env,
        ...new Set(mentioned.get(env)),
      ]).toEqual([env, fallback])
    }
    for (const [env, fallback] of Object.entries(composeDefaults)) {
      expect([
        env,
        ...new Set(mentioned.get(env)),
      ]).toEqual([env, fallback])
    }
  })

  it('names what is built here after the project and this version, and takes this version of what is published', () => {
    const images = [
      ...compose.matchAll(/^ {4}image: \$\{COMPOSE_PROJECT_NAME:-clientshare\}-\w+:(.*)$|^ {2}image: \$\{COMPOSE_PROJECT_NAME:-clientshare\}-server:(.*)$|^ {2}VERSION: (.*)$/gm),
    ]
    expect(images.map(([, ...found]) => found.find(Boolean))).toEqual(Array.from({ length: 5 }).fill(version))
    expect(JSON.parse(read('server/package.json'))).toMatchObject({ version })
    expect(mentioned.get('IMAGE_TAG')).toEqual([version, version, version])
    // Every service whose image is built here has a published one.
    const ours = [
      ...compose.matchAll(/^ {2}([\w-]+):\n(?: {4}.*\n)*? {4}(?:<<: \*server|image: \$\{COMPOSE_PROJECT_NAME)/gm),
    ].map(([, name]) => name)
    expect([
      ...prebuilt.matchAll(/^ {2}(\w+):(?: \*server)?$/gm),
    ].map(([, name]) => name).sort()).toEqual(ours.sort())
  })

  it('has nothing that compose 1.29 cannot read', () => {
    expect(compose + prebuilt).not.toMatch(/^name:|^ {4}develop:|\$\{[^}]*\$\{|:\+/m)
    // It would read them as booleans, and refuse the file.
    expect(compose.match(/^.*: (?:y|yes|n|no|on|off)$/gim)).toBeNull()
  })
})

it('docker/web-app.caddy says what the server’s rules are (node scripts/caddy-rules.ts)', () => {
  expect(read(CADDY_RULES)).toBe(renderCaddyRules())
})

it('the image starts the server as npm start does (scripts/lib/server-flags.ts)', () => {
  expect(read('docker/server.Dockerfile')).toMatch(/^ENTRYPOINT \["clientshare"\]\nCMD \["serve"\]$/m)
  expect(read('docker/clientshare.sh')).toContain(`\nexec node ${serverFlags.join(' ')} /app/server/src/main.ts "$@"\n`)
})
