// Writes docs/api/openapi.json from the server's routes, and from it the web's client; with --check only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { buildApp } from '../server/src/app.ts'
import { loadConfig } from '../server/src/config/config.ts'
import { ensureClient, root } from './toolchain.mjs'

const documentPath = join(root, 'docs/api/openapi.json')

const config = loadConfig({
  DATABASE_URL: 'postgres://nowhere/none',
  SECRET_KEY: 'x'.repeat(32),
})
const { version } = JSON.parse(readFileSync(join(root, 'server/package.json'), 'utf8'))
const app = await buildApp({ config, version } as unknown as Parameters<typeof buildApp>[0])
await app.ready()
const document = `${JSON.stringify(app.swagger(), null, 2)}\n`
await app.close()

if (process.argv.includes('--check')) {
  if (!existsSync(documentPath) || readFileSync(documentPath, 'utf8') !== document) {
    console.error('docs/api/openapi.json is not what the routes say. Run: npm run openapi')
    process.exit(1)
  }
}
else {
  writeFileSync(documentPath, document)
  await ensureClient()
}
