import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SWEEP_GRACE_MS } from '../../objects/objects.lifetime.ts'
import { UPLOAD_LIFETIME_MS } from './upload-lifetime.ts'

it('the bundled MinIO keeps an upload for longer than the server does: it counts from its beginning, the server from its last part', () => {
  const compose = readFileSync(new URL('../../../../../docker-compose.yml', import.meta.url), 'utf8')
  const [, hours] = /^ +MINIO_API_STALE_UPLOADS_EXPIRY: (\d+)h$/m.exec(compose) ?? []
  expect(Number(hours) * 3_600_000).toBeGreaterThan(4 * UPLOAD_LIFETIME_MS)
  expect(SWEEP_GRACE_MS).toBeLessThan(UPLOAD_LIFETIME_MS)
})
