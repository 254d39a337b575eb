import type { Command } from './command.ts'
import { parseOptions } from '../config/command-line.ts'
import { dataSteps } from '../data-steps.ts'
import { migrate, pendingMigrations } from '../db/migrate.ts'

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'brings the database to this version’s schema',
  synopsis: '[--dry-run]',
  usage: `Brings the database to this version’s schema: each migration whole or not at all. Run it before a server of a newer version starts;
docker compose and npm start do so by themselves. Several at once wait for one another, and one that is cut off is taken up again.

Options:
  --dry-run  lists the migrations that would be applied, and changes nothing

Exit codes:
  0   the schema is this version’s
  1   the database failed; run the same again
  78  wrong settings or options, a database of a newer version, or one that lacks something`,
  async run(args, { config, print }) {
    const { values: { 'dry-run': isDry } } = parseOptions(args, {
      'dry-run': { type: 'boolean' },
    })
    const { databaseUrl } = config()
    if (!isDry) {
      await migrate(databaseUrl, dataSteps)
      return 0
    }
    const pending = await pendingMigrations(databaseUrl)
    print(pending.length === 0
      ? 'Nothing to apply: the schema is this version’s.'
      : `To apply:\n${pending.map(tag => `  ${tag}`).join('\n')}`)
    return 0
  },
}
