import { expect, it } from 'vitest'
import { describeDatabase } from './describe-database.ts'

it.each([
  ['postgres://me:secret@db.example.com:5433/files', 'db.example.com:5433/files'],
  ['postgres:///files', 'localhost/files'],
  ['postgres://me:secret@localhost:5432/files?host=%2Fvar%2Frun%2Fpostgresql', '/var/run/postgresql/files'],
  ['postgres://me:secret@localhost:5432/clientshare?host=%2Fsrv%2Fdata%2Fpostgres%2Fsocket', 'embedded in /srv/data/postgres'],
  ['nonsense', 'of DATABASE_URL'],
])('says where %s is, without the password', (databaseUrl, place) => {
  expect(describeDatabase({ databaseUrl, dataDir: '/srv/data' })).toBe(place)
})
