import { readFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { runCommand } from './commands/commands.ts'
import { explainFailure } from './commands/explain-failure.ts'
import { callCommandsBy } from './config/command-line.ts'
import { ConfigError, loadConfig } from './config/config.ts'
import { EXIT_CONFIG, ExitError } from './errors/exit-error.ts'

/** The process: the environment, the exit code, and the last words of what failed. */
callCommandsBy(process.env.CLIENTSHARE_COMMAND || 'node server/src/main.ts')

function fail(lines: string[], code: number): never {
  for (const line of lines) process.stderr.write(`clientshare: ${line}\n`)
  process.exit(code)
}

const readVersion = () => (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

try {
  process.exit(await runCommand(process.argv.slice(2), {
    config: (storage) => {
      const env = storage === undefined
        ? process.env
        : { ...process.env, STORAGE: storage, STORAGE_FILE: undefined }
      return loadConfig(env, {
        webDir: fileURLToPath(new URL('../../web/dist', import.meta.url)),
      })
    },
    release: {
      version: readVersion(),
    },
    print: line => void process.stdout.write(`${line}\n`),
  }))
}
catch (error) {
  if (error instanceof ConfigError) fail(error.problems, EXIT_CONFIG)
  fail([
    explainFailure(error),
  ], error instanceof ExitError
    ? error.exitCode
    : 1)
}
