import type { Command, CommandContext } from './command.ts'
import { commandLine, UsageError } from '../config/command-line.ts'
import { describeRelease } from '../config/release.ts'
import { EXIT_CONFIG, ExitError } from '../errors/exit-error.ts'
import { adminCommand } from './admin.ts'
import { adoptCommand } from './adopt.ts'
import { backupCommand } from './backup.ts'
import { doctorCommand } from './doctor.ts'
import { migrateCommand } from './migrate.ts'
import { moveStorageCommand } from './move-storage.ts'
import { restoreCommand } from './restore.ts'
import { serveCommand } from './serve-command.ts'
import { verifyCommand } from './verify.ts'

/** Everything that `clientshare` does, in the order of its help. */
export const commands: readonly Command[] = [
  serveCommand,
  migrateCommand,
  backupCommand,
  restoreCommand,
  verifyCommand,
  moveStorageCommand,
  adoptCommand,
  doctorCommand,
  adminCommand,
]

/**
 * Carries out what was typed behind the program's name.
 * @returns the exit code
 * @throws {ExitError} with the way to the nearest help, for what is not understood
 */
export async function runCommand([name, ...args]: string[], context: CommandContext): Promise<number> {
  if (name === '--version') return printed(nameOf(context))
  if (name === undefined || name === '--help' || name === '-h') {
    return printed(helpOfAll(context), name === undefined
      ? EXIT_CONFIG
      : 0)
  }
  const command = commands.find(each => each.name === name)
  if (!command) {
    throw new ExitError(`Unknown ${name.startsWith('-')
      ? 'option'
      : 'command'} “${name}”. All commands: ${commandLine('--help')}`, EXIT_CONFIG)
  }
  if (args.includes('--help') || args.includes('-h')) return printed(helpOf(command))
  try {
    return await command.run(args, context)
  }
  catch (error) {
    if (error instanceof UsageError) throw new ExitError(`${error.message} Use: ${useOf(command)}. More: ${commandLine(`${name} --help`)}`, EXIT_CONFIG)
    throw error
  }

  function printed(text: string, code = 0): number {
    context.print(text)
    return code
  }
}

const useOf = ({ name, synopsis }: Command) => commandLine(`${name} ${synopsis}`.trimEnd())

const helpOf = (command: Command) => `Use: ${useOf(command)}\n\n${command.usage}`

const nameOf = ({ release }: CommandContext) => `ClientShare ${describeRelease(release)}`

function helpOfAll(context: CommandContext): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return [
    `Use: ${commandLine('<command> [options]')}`,
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    `More of one: ${commandLine('<command> --help')}`,
    `Settings come from the environment: docs/configuration.md. This is ${nameOf(context)}.`,
  ].join('\n')
}
