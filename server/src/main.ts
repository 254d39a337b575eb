import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { runCommand } from './commands/commands.ts'
import { callCommandsBy } from './config/command-line.ts'
import { ConfigError, loadConfig } from './config/config.ts'
import { readRelease } from './config/release.ts'
import { EXIT_CONFIG, ExitError } from './errors/exit-error.ts'
import { databaseAddressIn, explainFailure } from './errors/explain-failure.ts'

/** The process: the environment, the exit code, and the last words of what failed. */
callCommandsBy(process.env.CLIENTSHARE_COMMAND || 'node server/src/main.ts')

function fail(lines: string[], code: number): never {
  for (const line of lines) process.stderr.write(`clientshare: ${line}\n`)
  process.exit(code)
}

const root = fileURLToPath(new URL('../..', import.meta.url))

const explain = (error: unknown) => explainFailure(error, databaseAddressIn(process.env))

try {
  process.exit(await runCommand(process.argv.slice(2), {
    config: (storage) => {
      const env = storage === undefined
        ? process.env
        : { ...process.env, STORAGE: storage, STORAGE_FILE: undefined }
      return loadConfig(env, {
        webDir: join(root, 'web/dist'),
      })
    },
    explain,
    release: readRelease(root, process.env.CLIENTSHARE_COMMIT),
    print: line => void process.stdout.write(`${line}\n`),
  }))
}
catch (error) {
  if (error instanceof ConfigError) fail(error.problems, EXIT_CONFIG)
  fail([
    explain(error),
  ], error instanceof ExitError
    ? error.exitCode
    : 1)
}
