import type { CommandContext } from './command.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { callCommandsBy, commandLine, parseOptions, UsageError } from '../config/command-line.ts'
import { ExitError } from '../errors/exit-error.ts'
import { commands, runCommand } from './commands.ts'

afterEach(() => callCommandsBy('clientshare'))

async function run(...args: string[]) {
  const printed: string[] = []
  const context: CommandContext = {
    config: () => { throw new Error('no settings are needed') },
    explain: String,
    release: { version: '1.2.3', commit: 'abc' },
    print: line => void printed.push(line),
  }
  const code = await runCommand(args, context)
  return {
    code,
    text: printed.join('\n'),
  }
}

const refusalOf = (...args: string[]) => run(...args).then(() => expect.fail('it was understood'), (error) => {
  expect(error).toBeInstanceOf(ExitError)
  return [error.exitCode, error.message]
})

describe('clientshare', () => {
  it('lists every command, by --help; without a command too, and that is no success', async () => {
    const { code, text } = await run('--help')
    expect(code).toBe(0)
    for (const { name, summary } of commands) expect(text).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'))
    expect(await run()).toEqual({ code: 78, text })
    expect(await run('--version')).toEqual({ code: 0, text: 'ClientShare 1.2.3 (abc)' })
  })

  it.each(commands)('tells of $name how it is used, without settings', async ({ name, synopsis, usage }) => {
    const { code, text } = await run(name, '--help')
    expect(code).toBe(0)
    expect(text).toBe(`Use: ${`clientshare ${name} ${synopsis}`.trimEnd()}\n\n${usage}`)
    expect(usage).toMatch(/^Exit codes:\n {2}0 /m)
    expect(text.split('\n').filter(line => line.length > 150 || line !== line.trimEnd())).toEqual([])
  })

  it('names commands as they are called where it is read', async () => {
    callCommandsBy('docker compose run --rm server')
    expect(commandLine('migrate')).toBe('docker compose run --rm server migrate')
    expect((await run('move-storage', '--help')).text).toMatch(/^Use: docker compose run --rm server move-storage --to s3\|local \[/)
  })

  it('says of what it does not understand where the nearest help is', async () => {
    expect(await refusalOf('dance')).toEqual([78, 'Unknown command “dance”. All commands: clientshare --help'])
    expect(await refusalOf('--dance')).toEqual([78, 'Unknown option “--dance”. All commands: clientshare --help'])
    expect(await refusalOf('serve', '--fast')).toEqual([78, 'Unknown option \'--fast\'. Use: clientshare serve. More: clientshare serve --help'])
    expect(await refusalOf('migrate', 'now')).toEqual([
      78,
      expect.stringMatching(/^Unexpected argument 'now'\. .*Use: clientshare migrate\b/),
    ])
    const use = 'Use: clientshare move-storage --to s3|local [--dry-run] [--skip-damaged]. More: clientshare move-storage --help'
    expect(await refusalOf('move-storage')).toEqual([78, `Say where to. ${use}`])
    expect(await refusalOf('move-storage', '--to')).toEqual([78, `Option '--to <value>' argument missing. ${use}`])
    expect(await refusalOf('move-storage', '--to', 'tape')).toEqual([78, `Say where to. ${use}`])
  })
})

describe('parseOptions', () => {
  it('takes options, and more where the command does', () => {
    expect(parseOptions(['--to', 'x', '--now'], {
      to: { type: 'string' },
      now: { type: 'boolean' },
    }).values).toEqual({ to: 'x', now: true })
    expect(parseOptions(['a', 'b'], {}, { positionals: true }).positionals).toEqual(['a', 'b'])
    expect(() => parseOptions(['a'], {})).toThrow(UsageError)
  })
})
