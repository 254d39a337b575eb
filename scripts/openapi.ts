// Writes docs/api/openapi.json and the web's generated client from the server's routes; with --check only compares.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { buildApp } from '../server/src/app.ts'
import { loadConfig } from '../server/src/config/config.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const documentPath = join(root, 'docs/api/openapi.json')
const clientPath = join(root, 'web/src/api/generated')
const check = process.argv.includes('--check')

const config = loadConfig({
  DATABASE_URL: 'postgres://nowhere/none',
  SECRET_KEY: 'x'.repeat(32),
})
const { version } = JSON.parse(readFileSync(join(root, 'server/package.json'), 'utf8'))
const app = await buildApp({ config, version } as unknown as Parameters<typeof buildApp>[0])
await app.ready()
const document = `${JSON.stringify(app.swagger(), null, 2)}\n`
await app.close()

function generateClient(input: string, output: string): void {
  execFileSync(process.execPath, [
    join(root, 'node_modules/@hey-api/openapi-ts/bin/run.js'),
    '-f',
    join(root, 'web/openapi-ts.config.ts'),
    '-i',
    input,
    '-o',
    output,
  ], {
    cwd: join(root, 'web'),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

const filesOf = (folder: string): Map<string, string> => new Map(existsSync(folder)
  ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [
        path.slice(folder.length),
        readFileSync(path, 'utf8'),
      ]
    })
  : [])

if (check) {
  const stale: string[] = []
  if (!existsSync(documentPath) || readFileSync(documentPath, 'utf8') !== document) stale.push('docs/api/openapi.json')
  const temporary = mkdtempSync(join(tmpdir(), 'clientshare-openapi-'))
  try {
    writeFileSync(join(temporary, 'openapi.json'), document)
    generateClient(join(temporary, 'openapi.json'), join(temporary, 'client'))
    const [expected, actual] = [
      filesOf(join(temporary, 'client')),
      filesOf(clientPath),
    ]
    if (expected.size !== actual.size || [...expected].some(([name, text]) => actual.get(name) !== text)) stale.push('web/src/api/generated')
  }
  finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  if (stale.length > 0) {
    console.error(`Not what the routes say: ${stale.join(', ')}. Run: npm run openapi`)
    process.exit(1)
  }
}
else {
  mkdirSync(join(root, 'docs/api'), { recursive: true })
  writeFileSync(documentPath, document)
  if (existsSync(join(root, 'web/openapi-ts.config.ts'))) generateClient(documentPath, clientPath)
}
