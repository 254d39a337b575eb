import type { Command, CommandContext } from './command.ts'
import { createDatabase } from '../db/database.ts'
import { requireCurrentSchema } from '../db/migrate.ts'
import { createDeps } from '../deps.ts'
import { handlersOf } from '../features.ts'
import { NotServing } from '../features/instance/serving-lock.ts'
import { findStorageHome } from '../features/instance/storage-home.ts'
import { parseVerifyArguments, runVerify } from '../features/verify/verify.command.ts'
import { createVerification } from '../features/verify/verify.service.ts'
import { attend } from './attend.ts'

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'proves that files, counts, links and logs are as they have to be',
  synopsis: '[--sample 5%|<number> | --deep [--since <moment>]] [--rate <MiB/s>]',
  usage: `Proves what database and store have to keep, also while servers run, and tells by name what is wrong. Without options it asks the database and
lists the store: every version has its object in its size, nothing else is there, usage and counts are right, every log's chain holds, database and
store belong together. It changes nothing then.

Options:
  --sample 5%|200   also reads the bytes of so many objects, chosen by chance, and compares them with their SHA-256 and the sums of their blocks
  --deep            reads all of them. What is damaged or missing is marked so, as the hourly check does it; what was marked and is right again,
                    because its bytes were brought back, is unmarked
  --since <moment>  with --deep: only what was not read since then, to go on with a run that was stopped
  --rate <MiB/s>    reads so much at most; 50 unless given

Exit codes:
  0    all of it is proved
  1    something is wrong, and told; or the store or the database failed
  78   wrong settings or options
  130  stopped by Ctrl-C or SIGTERM; it says how to go on`,
  run: verify,
}

async function verify(args: string[], { config: readConfig, release, print }: CommandContext): Promise<number> {
  const options = parseVerifyArguments(args)
  const config = readConfig()
  const { stopped, output, log } = attend(config)
  await requireCurrentSchema(config.databaseUrl)
  const { db, close } = createDatabase({
    url: config.databaseUrl,
    poolSize: 3,
    patient: true,
    onError: error => log.error({ err: error }, 'background connection'),
  })
  const deps = await createDeps({ config, ...release, log })
  try {
    const home = await findStorageHome(db)
    if (home !== undefined && home !== config.storage) throw new NotServing(config.storage, home)
    // What is found damaged is looked at again later, by a server.
    if (options.bytes) await deps.jobs.start(handlersOf(deps), { work: false })
    return await runVerify(createVerification({ ...deps, db }), {
      ...options,
      clock: deps.clock,
      print,
      output,
      signal: stopped,
    })
  }
  finally {
    await deps.close()
    await close()
  }
}
