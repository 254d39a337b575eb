import type { Command, CommandContext } from './command.ts'
import { parseOptions, UsageError } from '../config/command-line.ts'
import { createOpener } from '../crypto/age.ts'
import { dataSteps } from '../data-steps.ts'
import { keepDeploymentClock } from '../db/clock.ts'
import { createDatabase } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { createDeps, openStorage } from '../deps.ts'
import { EXIT_CONFIG, ExitError } from '../errors/exit-error.ts'
import { handlersOf } from '../features.ts'
import { connectForBackup } from '../features/backups/backup-connection.ts'
import { chooseBackup, readSettings } from '../features/backups/choose-backup.ts'
import { openTarget } from '../features/backups/open-target.ts'
import { runRestore } from '../features/backups/restore.command.ts'
import { createRestore } from '../features/backups/restore.service.ts'
import { restoredDepsOf } from '../features/backups/restored-deps.ts'
import { createVerification } from '../features/verify/verify.service.ts'
import { attend } from './attend.ts'
import { readGiven } from './read-given.ts'

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'brings a backup back into an empty deployment',
  synopsis: '[--from <folder>|s3] [--backup <id>] [--identity <file>] [--dry-run | --settings] [--keep-store] [--other-secret-key]',
  usage: `Brings a backup back into an empty database and an empty store, while no server runs. First the whole backup is looked at: one that was cut
off or changed, is of a newer version or has another SECRET_KEY is refused before anything is written. At the end it says what was proved.
When it was stopped or failed, run the same again: it goes on, and no server starts before it has ended.

Options:
  --from <folder>     a folder; BACKUP_TO unless given
  --from s3           the bucket that BACKUP_S3_… names
  --backup <id>       one that “backup --list” tells; the newest unless given
  --identity <file>   opens an encrypted backup: the file that age-keygen wrote; - for what is piped in
  --settings          prints the settings and secrets that an encrypted backup has, as lines for .env, and changes nothing
  --dry-run           looks at the backup and at what stands in the way, and changes nothing; also without the key
  --keep-store        the store is the deployment's own and only the database was lost: what is right in it is kept, what is missing or damaged is
                      brought back, and what the backup does not know is kept aside
  --other-secret-key  although SECRET_KEY is another one: addresses of links that were made before cannot be shown again;
                      an encrypted backup needs no such word, for it has the key and links are encrypted again

Exit codes:
  0    restored and proved, or nothing stands in the way
  1    a store or the database failed; run the same again
  2    restored, and something in it is not as it should be, as it was when it was backed up; it is told
  65   the backup was changed or cut off; the message names the file
  75   servers run, or another backup or restore does
  78   wrong settings or options, another backup than this version or key can read, or a deployment that is not empty
  130  stopped by Ctrl-C or SIGTERM`,
  run: restore,
}

async function restore(args: string[], { config: configOf, release, print }: CommandContext): Promise<number> {
  const { values } = parseOptions(args, {
    'from': { type: 'string' },
    'backup': { type: 'string' },
    'identity': { type: 'string' },
    'settings': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    'keep-store': { type: 'boolean' },
    'other-secret-key': { type: 'boolean' },
  })
  if (values.settings && (values['dry-run'] || values['keep-store'])) throw new UsageError('--settings prints, and restores nothing.')
  if (values.settings && values.identity === undefined) throw new UsageError('--settings needs --identity: only an encrypted backup has secrets.')
  const config = configOf()
  const from = values.from ?? config.backupTo
  if (from === undefined) throw new UsageError('BACKUP_TO does not say where the backups are, nor does --from.')
  const { stopped, output, log } = attend(config)
  const opened: (() => Promise<void> | void)[] = []
  try {
    const target = await openTarget(config, from, { mustExist: true, log })
    opened.push(() => target.storage.close())
    const opener = values.identity === undefined
      ? undefined
      : await readIdentity(values.identity)
    if (values.settings) {
      const { settings, secrets } = await readSettings(target, await chooseBackup(target, values.backup, stopped), opener!, stopped)
      for (const [name, value] of Object.entries({
        ...settings,
        ...secrets,
      })) print(`${name}=${quoteForEnv(String(value))}`)
      return 0
    }
    const connection = await connectForBackup(config.databaseUrl)
    opened.push(() => connection.release())
    const storage = await openStorage(config, log)
    opened.push(() => storage.close())
    const database = createDatabase({ url: config.databaseUrl, poolSize: 3, patient: true })
    opened.push(() => database.close())
    const clock = await keepDeploymentClock({ db: database.db, log })
    opened.push(() => clock.close())
    return await runRestore(createRestore({
      connection,
      storage,
      secretKey: config.secretKey,
      clock: clock.now,
      migrate: until => migrate(config.databaseUrl, dataSteps, { until }),
      async openDeployment() {
        const deps = await createDeps({ config, ...release, log })
        opened.push(() => deps.close())
        const handlers = handlersOf(deps)
        await deps.jobs.start(handlers, { work: false })
        return restoredDepsOf(deps, handlers, createVerification({ ...deps, db: database.db }))
      },
    }), target, {
      backupId: values.backup,
      opener,
      dryRun: values['dry-run'],
      keepStore: values['keep-store'],
      otherSecretKey: values['other-secret-key'],
      version: release.version,
    }, output, stopped)
  }
  finally {
    for (const close of opened.reverse()) await close()
  }
}

/** @throws {ExitError} with a sentence that has nothing of the file in it */
async function readIdentity(file: string) {
  const what = file === '-'
    ? 'What was piped in'
    : file
  try {
    return await createOpener(await readGiven(file))
  }
  catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ExitError(code === undefined
      ? `${what} is no identity file of age. ${message}`
      : `The identity file ${what} cannot be read (${code}).`, EXIT_CONFIG)
  }
}

/** As docker compose reads it: nothing within single quotes means anything else. */
const quoteForEnv = (value: string) => /^[\w:/.@,+-]*$/.test(value)
  ? value
  : `'${value.replaceAll('\'', '\\\'')}'`
