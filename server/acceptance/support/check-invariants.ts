import { readFileSync } from 'node:fs'
import process from 'node:process'
import { loadConfig } from '../../src/config/config.ts'
import { createDatabase } from '../../src/db/database.ts'
import { openStorage } from '../../src/deps.ts'
import { findViolations } from '../../test/violations.ts'

/**
 * The deep check of a running server's data, in a process of its own: reads every byte, walks every audit chain.
 * Writes one JSON array of lines: what is wrong. The server's environment comes on standard input.
 */
const env = Object.fromEntries(readFileSync(0, 'utf8').split('\0').filter(Boolean).map(line => [
  line.slice(0, line.indexOf('=')),
  line.slice(line.indexOf('=') + 1),
]))
const config = loadConfig(env)
const storage = await openStorage(config)
const { db, close } = createDatabase({ url: config.databaseUrl, poolSize: 3 })
const found = await findViolations({ db, storage }, { idle: false })
await close()
await storage.close()
process.stdout.write(JSON.stringify(found))
process.exit(0)
