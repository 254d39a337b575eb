import { describe, expect, it } from 'vitest'
import { databaseAddressIn, explainFailure } from './explain-failure.ts'

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
const unknownHost = Object.assign(new Error('getaddrinfo ENOTFOUND nowhere.invalid'), { code: 'ENOTFOUND' })
const wrongPassword = Object.assign(new Error('password authentication failed'), { code: '28P01' })

describe('what is said of a database', () => {
  it('names DATABASE_URL to whoever set it, and to nobody else', () => {
    const url = databaseAddressIn({ DATABASE_URL: 'postgres://user:hunter2@db/name' })
    expect(explainFailure(refused, url)).toBe('The database does not answer (connect ECONNREFUSED). Check DATABASE_URL.')
    expect(explainFailure(unknownHost, url)).toBe('The database does not answer (getaddrinfo ENOTFOUND nowhere.invalid). Check DATABASE_URL.')
    expect(explainFailure(wrongPassword, url)).toBe('The database refuses the sign-in (password authentication failed). Check DATABASE_URL.')
    expect(explainFailure(refused, databaseAddressIn({ DATABASE_URL_FILE: '/run/url' }))).toMatch(/\. Check the file of DATABASE_URL_FILE\.$/)
    for (const env of [
      { SECRETS_DIR: '/run/secrets/clientshare', DATABASE_URL: '' },
      { CLIENTSHARE_DATABASE_FOLDER: '/data/postgres', DATABASE_URL: 'postgres://made/by-the-launcher' },
    ]) {
      for (const error of [refused, wrongPassword]) expect(explainFailure(error, databaseAddressIn(env))).not.toContain('DATABASE_URL')
    }
    expect(explainFailure(refused, databaseAddressIn({ SECRETS_DIR: '/run' }))).toContain('docker compose logs postgres')
    expect(explainFailure(refused, databaseAddressIn({ CLIENTSHARE_DATABASE_FOLDER: '/data/postgres' }))).toContain('/data/postgres/log')
  })
})
