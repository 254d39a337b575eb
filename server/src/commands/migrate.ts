import type { Command } from './command.ts'
import { parseOptions } from '../config/command-line.ts'
import { dataSteps } from '../data-steps.ts'
import { migrate } from '../db/migrate.ts'

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'brings the database to this version’s schema',
  synopsis: '',
  usage: `Brings the database to this version’s schema: each migration whole or not at all. Run it before a server of a newer version starts;
docker compose and npm start do so by themselves. Several at once wait for one another, and one that is cut off is taken up again.

Exit codes:
  0   the schema is this version’s
  1   the database failed; run the same again
  78  wrong settings or options, a database of a newer version, or one that lacks something`,
  async run(args, { config }) {
    parseOptions(args, {})
    await migrate(config().databaseUrl, dataSteps)
    return 0
  },
}
