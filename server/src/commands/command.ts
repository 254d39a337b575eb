import type { Config } from '../config/config.ts'
import type { Release } from '../config/release.ts'

/** What the process gives to the command that it carries out. */
export interface CommandContext {
  /** Reads the settings; with `storage` as they would be with that driver, which a move needs. @throws {ConfigError} */
  config: (storage?: Config['storage']) => Config
  release: Release
  /** Why something failed, in one line for whoever typed the command. */
  explain: (error: unknown) => string
  /** A line for whoever typed the command. What programs read, and nothing else, goes here; what tells of progress or trouble to the errors. */
  print: (line: string) => void
}

export interface Command {
  /** As it is typed. */
  name: string
  /** In the list of all commands: half a line, without a full stop. */
  summary: string
  /** What follows the name, on one line: `--to s3|local [--dry-run]`. */
  synopsis: string
  /** The rest of what `--help` says: what it does, its options, its exit codes. Without indentation or a newline at its end. */
  usage: string
  /**
   * @returns the exit code
   * @throws {UsageError} for what it does not understand (see `parseOptions`), {ExitError} with a code of its own and one line, {ConfigError}
   */
  run: (args: string[], context: CommandContext) => Promise<number>
}
