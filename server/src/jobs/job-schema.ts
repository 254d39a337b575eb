import { PgBoss } from 'pg-boss'

/** Installs or upgrades the job queue's own schema (`pgboss`). Runs inside the migrate step only. */
export async function installJobSchema(databaseUrl: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    supervise: false,
    schedule: false,
    max: 2,
  })
  boss.on('error', () => {}) // a failing connection also rejects start()
  await boss.start()
  await boss.stop({ graceful: false, close: true })
}
