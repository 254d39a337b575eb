import type { ParseArgsConfig, ParseArgsOptionsConfig } from 'node:util'
import { parseArgs } from 'node:util'
import { EXIT_CONFIG, ExitError } from '../errors/exit-error.ts'

/** What stands before the name of a command where this process's words are read. */
let prefix = 'clientshare'

/** Once, by the process itself, which knows who started it: `docker compose run --rm server`, `npm run clientshare --`. */
export function callCommandsBy(words: string): void {
  prefix = words
}

/** How a command is typed where this is read: `commandLine('migrate --dry-run')`. Messages name a command by this alone. */
export const commandLine = (command: string) => `${prefix} ${command}`

/** What was typed is not understood. Whoever carries the command out adds how it is used. */
export class UsageError extends ExitError {
  constructor(problem: string) {
    super(problem, EXIT_CONFIG)
  }
}

/**
 * The options of a command, and what else was typed when `positionals` is true.
 * @throws {UsageError} for an option that it does not have, and for one without its value
 */
export function parseOptions<const Options extends ParseArgsOptionsConfig, const Positionals extends boolean = false>(args: string[], options: Options, { positionals }: { positionals?: Positionals } = {}) {
  const config = { args, options, allowPositionals: (positionals ?? false) as Positionals } satisfies ParseArgsConfig
  try {
    return parseArgs(config)
  }
  catch (error) {
    // The rest of what Node says is about dashes.
    const [problem] = (error as Error).message.split(/\.\s|\n/)
    throw new UsageError(`${problem!.replace(/\.$/, '')}.`)
  }
}
