import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { seed } from '../test/soak.ts'
import { setUp } from './support/api-client.ts'
import { startServer } from './support/running-server.ts'

/** Not `ignored_auth` and `positive_data_acceptance`: what a caller may do, no schema says (the access matrix does). */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'allow_header_conformance',
]

it('Schemathesis finds nothing that the API’s description does not say', async () => {
  const server = await startServer()
  onTestFinished(() => server.dispose())
  const { api } = await setUp(server)
  const folder = mkdtempSync(join(tmpdir(), 'clientshare-schemathesis-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  // What is too long is refused by its length (413, 431), before anybody asks what it says.
  writeFileSync(join(folder, 'schemathesis.toml'), '[checks]\nnegative_data_rejection.expected-statuses = ["4xx"]\n')
  const program = spawn(process.env.SCHEMATHESIS || 'schemathesis', [
    'run',
    `${server.url}/api/v1/openapi.json`,
    '--header',
    `Authorization: Bearer ${api.token}`,
    '--checks',
    CHECKS.join(','),
    '--phases',
    'examples,coverage,fuzzing',
    // Goes on until its reader leaves.
    '--exclude-operation-id',
    'streamEvents',
    // Answers when it was told to, a minute later.
    '--exclude-operation-id',
    'keepSilence',
    '--max-examples',
    '50',
    '--request-timeout',
    '60',
    '--suppress-health-check',
    'all',
    '--continue-on-failure',
    '--warnings',
    'off',
    '--no-color',
    '--seed',
    String(seed),
  ], {
    cwd: folder,
    env: { ...process.env, HYPOTHESIS_STORAGE_DIRECTORY: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = new Promise<number | null>((resolve, reject) => program.once('error', reject).once('close', resolve))
  const [output, errors, code] = await Promise.all([
    text(program.stdout),
    text(program.stderr),
    exit,
  ])
  expect(code, `${output}${errors}`).toBe(0)
})
