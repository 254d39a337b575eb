import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../deps.ts'
import { Type } from 'typebox'
import { answers } from '../db/database.ts'

const Health = Type.Object({
  status: Type.String(),
  checks: Type.Optional(Type.Record(Type.String(), Type.String())),
})
const DEADLINE_MS = 3000
/** For so long a store that took a write counts as ready: anybody may ask, and a write may cost money. */
const STORE_GOOD_MS = 1000

/** Alive, and ready. Outside the API's base, so that a proxy and an orchestrator find them where they look. */
export function healthRoutes({ db, storage, uploadTurn, log }: Pick<Deps, 'db' | 'storage' | 'uploadTurn' | 'log'>): FastifyPluginAsyncTypebox {
  let storeAskedAgainAt = 0
  async function askStore(): Promise<void> {
    if (performance.now() < storeAskedAgainAt) return
    await storage.probe()
    storeAskedAgainAt = performance.now() + STORE_GOOD_MS
  }

  return async (app) => {
    app.get('/healthz', {
      config: { access: 'public' },
      logLevel: 'warn',
      schema: {
        hide: true,
        response: { 200: Health },
      },
    }, async () => ({ status: 'ok' }))

    app.get('/readyz', {
      config: { access: 'public' },
      logLevel: 'warn',
      schema: {
        hide: true,
        response: { 200: Health, 503: Health },
      },
    }, async (_request, reply) => {
      const [database, store] = await Promise.all([
        check(() => answers(db)),
        check(askStore),
      ])
      const checks = {
        database,
        storage: store,
        ...(uploadTurn.isOthers()
          ? { uploads: 'taken by another server: STORAGE=local is for one' }
          : {}),
      }
      const ready = Object.values(checks).every(check => check === 'ok')
      if (!ready) {
        log.error({ checks }, 'not ready')
        reply.status(503).header('retry-after', '5')
      }
      return {
        status: ready ? 'ok' : 'unavailable',
        checks,
      }
    })
  }
}

async function check(work: () => Promise<unknown>): Promise<'ok' | 'unavailable'> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => reject(new Error('deadline')), DEADLINE_MS) })
  try {
    await Promise.race([
      work(),
      deadline,
    ])
    return 'ok'
  }
  catch {
    return 'unavailable'
  }
  finally {
    clearTimeout(timer)
  }
}
