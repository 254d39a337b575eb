import type { CommandContext } from './command.ts'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { callCommandsBy, commandLine, parseOptions, UsageError } from '../config/command-line.ts'
import { ExitError } from '../errors/exit-error.ts'
import { commands, runCommand } from './commands.ts'
import { readNewPassword } from './read-password.ts'

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

describe('admin', () => {
  it('understands what is typed before it looks at anything, and takes no password as an argument', async () => {
    for (const [args, problem] of [
      [[], /^Say what is to be done\. Use: clientshare admin reset-password EMAIL \| /],
      [
        ['dance'],
        /^There is no “admin dance”\./,
      ],
      [
        ['reset-password'],
        /^Say one e-mail address/,
      ],
      [
        ['reset-password', 'a@example.com', 'hunter2'],
        /^Say one e-mail address, and nothing else: the password is asked for\./,
      ],
      [
        [
          'reset-password',
          'a@example.com',
          '--password',
          'hunter2',
        ],
        /^Unknown option '--password'\./,
      ],
      [
        ['create-operator', 'nobody'],
        /^Say one e-mail address/,
      ],
      [
        [
          'create-operator',
          'a@example.com',
          '--name',
          '\u0007',
        ],
        /^The name must be one line/,
      ],
      [
        ['list-users', 'a'],
        /^Unexpected argument 'a'\./,
      ],
      [
        ['rotate-key'],
        /^Name the file of the key/,
      ],
    ] as [string[], RegExp][]) {
      const [code, message] = await refusalOf('admin', ...args)
      expect([args, code, message]).toEqual([
        args,
        78,
        expect.stringMatching(problem),
      ])
    }
  })
})

describe('a password', () => {
  it('is the first line of what is piped in', async () => {
    const piped = (text: string) => readNewPassword(Object.assign(Readable.from([
      Buffer.from(text),
    ]), { isTTY: false }) as unknown as NodeJS.ReadStream, () => {})
    expect(await piped('a harbour  of nine\r\nmore')).toBe('a harbour  of nine')
    await expect(piped('')).rejects.toThrow(UsageError)
  })

  it('is typed twice at a terminal, which shows nothing of it', async () => {
    const typed = async (...lines: string[]) => {
      const terminal = Object.assign(new PassThrough(), {
        isTTY: true,
        setRawMode: () => terminal,
      }) as unknown as NodeJS.ReadStream & PassThrough
      const said: string[] = []
      const password = readNewPassword(terminal, (words) => {
        said.push(words)
        if (words.endsWith(': ')) terminal.write(`${lines.shift()}\r`)
      })
      return { said, password: await password }
    }
    expect(await typed('nine lanterns', 'nine lanterns')).toEqual({
      password: 'nine lanterns',
      said: [
        'New password: ',
        '\n',
        'Once more: ',
        '\n',
      ],
    })
    await expect(typed('nine lanterns', 'nine lantern')).rejects.toThrow('two different passwords')
  })
})
