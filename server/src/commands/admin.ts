import type { Config } from '../config/config.ts'
import type { Db } from '../db/database.ts'
import type { AuditLog } from '../features/audit/audit.service.ts'
import type { AccountsService } from '../features/users/accounts.service.ts'
import type { Command, CommandContext } from './command.ts'
import { randomUUIDv7 } from 'node:crypto'
import process from 'node:process'
import { parseOptions, UsageError } from '../config/command-line.ts'
import { keepDeploymentClock } from '../db/clock.ts'
import { createDatabase } from '../db/database.ts'
import { requireCurrentSchema } from '../db/migrate.ts'
import { EXIT_CONFIG, ExitError } from '../errors/exit-error.ts'
import { createAuditLog } from '../features/audit/audit.service.ts'
import { rotateInstanceKey } from '../features/instance/instance-key.service.ts'
import { createAccountsService } from '../features/users/accounts.service.ts'
import { faultOf } from '../http/text-forms.ts'
import { readGiven } from './read-given.ts'
import { readNewPassword } from './read-password.ts'

interface Admin extends CommandContext {
  settings: Config
  db: Db
  clock: () => Date
  audit: AuditLog
  accounts: AccountsService
}

/** What is to be done, with everything that was typed for it read and found good. */
type Task = (admin: Admin) => Promise<void>

export const adminCommand: Command = {
  name: 'admin',
  summary: 'accounts and the instance key, for whoever has this machine',
  synopsis: 'reset-password EMAIL | reset-factors EMAIL | create-operator EMAIL [--name NAME] | list-users | rotate-key --from FILE',
  usage: `For whoever has this machine, without signing in. What is changed stands in the instance’s log.

  reset-password EMAIL
      Sets a new password and ends every session and access token of this person. The password is asked for, unseen, or piped in: it is
      never an argument.
  reset-factors EMAIL
      For somebody who has lost their second factor: takes it away with its recovery codes, and ends every session. The password signs in alone then.
  create-operator EMAIL [--name NAME]
      Makes an operator, with a password that is asked for or piped in. Whoever has an account already becomes an operator with it,
      and keeps the password.
  list-users
      A line for each account, parted by tabs: address, name, operator or not, disabled or not, when it was last used.
  rotate-key --from FILE
      After SECRET_KEY was replaced: encrypts with it what was encrypted with the key in FILE, the one before (- for what is piped in).
      Every session ends; links and their addresses stay. Stop every server first. All or nothing, and once more does no harm.

Exit codes:
  0   done
  1   not done, for the reason that is told; nothing was changed
  3   rotate-key: servers are running
  78  wrong settings or options`,
  async run(args, context) {
    const task = parseTask(args)
    const settings = context.config()
    await requireCurrentSchema(settings.databaseUrl)
    const { db, close } = createDatabase({ url: settings.databaseUrl, poolSize: 2 })
    const time = await keepDeploymentClock({
      db,
      log: {
        info: () => {},
        error: () => {},
      },
    })
    try {
      const clock = time.now
      const audit = createAuditLog({ db, clock })
      await task({
        ...context,
        settings,
        db,
        clock,
        audit,
        accounts: createAccountsService({
          db,
          clock,
          newId: randomUUIDv7,
          audit,
        }),
      })
      return 0
    }
    finally {
      time.close()
      await close()
    }
  },
}

function parseTask([name, ...args]: string[]): Task {
  switch (name) {
    case 'reset-password': {
      const email = oneAddress(parseOptions(args, {}, { positionals: true }).positionals)
      return admin => resetPassword(admin, email)
    }
    case 'reset-factors': {
      const email = oneAddress(parseOptions(args, {}, { positionals: true }).positionals)
      return admin => resetFactors(admin, email)
    }
    case 'create-operator': {
      const { values, positionals } = parseOptions(args, {
        name: { type: 'string' },
      }, { positionals: true })
      const email = oneAddress(positionals)
      const called = (values.name ?? email.split('@')[0]!).trim()
      if (called === '' || called.length > 120 || faultOf(called, 'name') !== undefined) throw new UsageError('The name must be one line of at most 120 characters.')
      return admin => createOperator(admin, email, called)
    }
    case 'list-users':
      parseOptions(args, {})
      return listUsers
    case 'rotate-key': {
      const { values: { from } } = parseOptions(args, {
        from: { type: 'string' },
      })
      if (from === undefined) throw new UsageError('Name the file of the key that was used before.')
      return admin => rotateKey(admin, from)
    }
    default: throw new UsageError(name === undefined
      ? 'Say what is to be done.'
      : `There is no “admin ${name}”.`)
  }
}

function oneAddress(positionals: string[]): string {
  const [email, ...others] = positionals
  if (email === undefined || others.length > 0 || email.length > 254 || !/^[^@\s]+@[^@\s]+$/.test(email)) throw new UsageError('Say one e-mail address, and nothing else: the password is asked for.')
  return email
}

const askPassword = () => readNewPassword(process.stdin, words => void process.stderr.write(words))

async function resetPassword({ accounts, print }: Admin, email: string): Promise<void> {
  const { name } = await accounts.find(email)
  const { endedSessions } = await accounts.resetPassword(email, await askPassword())
  print(`The password of ${name} was changed, and ${sessionsOf(endedSessions)} ended.`)
}

async function resetFactors({ accounts, print }: Admin, email: string): Promise<void> {
  const { account, endedSessions } = await accounts.resetFactors(email)
  print(`${account.name} has no second factor any more, and ${sessionsOf(endedSessions)} ended.`)
}

const sessionsOf = (count: number) => count === 1
  ? 'one session'
  : `${count} sessions`

async function createOperator({ accounts, print }: Admin, email: string, name: string): Promise<void> {
  if (await accounts.findIfAny(email)) {
    const account = await accounts.makeOperator(email)
    print(account.isOperator
      ? `${account.name} is an operator already.`
      : `${account.name} is an operator now, with the password as before.`)
    return
  }
  const fault = faultOf(email, 'address')
  if (fault !== undefined) throw new ExitError(`The address ${fault}.`, 1)
  await accounts.createOperator({ email, name, password: await askPassword() })
  print(`${name} (${email}) is an operator now.`)
}

async function listUsers({ accounts, print }: Admin): Promise<void> {
  for (const { email, name, isOperator, disabledAt, lastUsedAt } of await accounts.list()) {
    print([
      email,
      name,
      isOperator
        ? 'operator'
        : '',
      disabledAt
        ? 'disabled'
        : '',
      lastUsedAt?.toISOString() ?? '',
    ].join('\t'))
  }
}

async function rotateKey({ db, clock, audit, settings, print }: Admin, file: string): Promise<void> {
  const from = await readKey(file)
  if (from === settings.secretKey) throw new ExitError('The key in this file is the one that SECRET_KEY has. Put the new key there first.', EXIT_CONFIG)
  const { links, already, endedSessions } = await rotateInstanceKey({
    db,
    clock,
    audit,
    from,
    to: settings.secretKey,
  })
  print(`Addresses of links encrypted with the new key: ${links}${already > 0
    ? `, and ${already} were before`
    : ''}. Sessions ended: ${endedSessions}.`)
  print('Start the servers. Keep the old key with the backups that were made under it.')
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readGiven(file)).trim()
  }
  catch (error) {
    throw new ExitError(`The key before cannot be read: ${(error as Error).message}.`, EXIT_CONFIG)
  }
}
