import type { Command, CommandContext } from './command.ts'
import { recipientProblem } from '../config/backups.ts'
import { parseOptions, UsageError } from '../config/command-line.ts'
import { requireCurrentSchema } from '../db/migrate.ts'
import { createDeps } from '../deps.ts'
import { connectForBackup } from '../features/backups/backup-connection.ts'
import { listBackups, runBackup, runPrune } from '../features/backups/backup.command.ts'
import { backupOf, retentionOf } from '../features/backups/backups.service.ts'
import { openTarget } from '../features/backups/open-target.ts'
import { attend } from './attend.ts'

export const backupCommand: Command = {
  name: 'backup',
  summary: 'copies database and files of one moment to a folder or a bucket',
  synopsis: '[--to <folder>|s3] [--recipient <key>] [--list | --prune]',
  usage: `Copies the database and every file, all of one moment, while people work. What an earlier backup has is not copied again. At the end,
backups that BACKUP_KEEP_… does not keep are deleted. It has to be a place of this deployment's backups alone, best on another machine.

Options:
  --to <folder>  a folder; BACKUP_TO unless given
  --to s3        the bucket that BACKUP_S3_… names
  --recipient    a public key (age1…): only whoever has its secret key can open the backup; BACKUP_RECIPIENT unless given
  --list         lists the backups that are there, the newest first
  --prune        makes none, and deletes those that BACKUP_KEEP_… does not keep

Exit codes:
  0    made
  1    a store or the database failed, or one is full; what was copied stays for the next one
  2    made, but without objects that are damaged or missing in the store; they are listed
  65   what is there already was changed, so nothing can be deleted
  75   another backup or restore runs
  78   wrong settings or options, or a place that cannot be used
  130  stopped by Ctrl-C or SIGTERM`,
  run: backup,
}

async function backup(args: string[], { config: configOf, release, print }: CommandContext): Promise<number> {
  const { values: { to: given, recipient, list = false, prune = false } } = parseOptions(args, {
    to: { type: 'string' },
    recipient: { type: 'string' },
    list: { type: 'boolean' },
    prune: { type: 'boolean' },
  })
  if (list && prune) throw new UsageError('--list and --prune are two things.')
  const wrong = recipient === undefined
    ? undefined
    : recipientProblem(recipient)
  if (wrong !== undefined) throw new UsageError(`--recipient ${wrong}.`)
  const config = configOf()
  const to = given ?? config.backupTo
  if (to === undefined) throw new UsageError('BACKUP_TO does not say where the backups are, nor does --to.')
  const { stopped, output, log } = attend(config)
  const target = await openTarget(config, to, { mustExist: list || prune, log })
  try {
    if (list) {
      await listBackups(target, print, stopped)
      return 0
    }
    await requireCurrentSchema(config.databaseUrl)
    const connection = await connectForBackup(config.databaseUrl)
    try {
      if (prune) return await runPrune(connection, target, retentionOf(config), output, stopped)
      const deps = await createDeps({ config, ...release, log })
      try {
        return await runBackup(await backupOf(deps, connection, recipient), target, retentionOf(config), output, stopped)
      }
      finally {
        await deps.close()
      }
    }
    finally {
      await connection.release()
    }
  }
  finally {
    await target.storage.close()
  }
}
