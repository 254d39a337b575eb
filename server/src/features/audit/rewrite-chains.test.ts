import { randomUUIDv7 } from 'node:crypto'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../../test/database.ts'
import { createDatabase } from '../../db/database.ts'
import { migrate } from '../../db/migrate.ts'
import { erasePersonal } from './audit-erasure.queries.ts'
import { proveChain, proveFormerHead } from './audit-proof.ts'
import { GENESIS_HASH, storable } from './audit.chain.ts'
import { formerHash } from './former-chain.ts'
import { rewriteChains } from './rewrite-chains.ts'

const BEFORE = '0003_guests_upload'
const step = rewriteChains((_action, details) => Object.keys(details).filter(name => name !== 'n'))

/** A database of the version before, with chains as it wrote them. */
async function useFormer() {
  const { url, drop } = await createTestDatabase({ empty: true })
  await migrate(url, [step], { until: BEFORE })
  const client = new pg.Client(url)
  await client.connect()
  const { db, close } = createDatabase({
    url,
    poolSize: 2,
    onError: () => {},
  })
  onTestFinished(async () => {
    await client.end().catch(() => {})
    await close()
    await drop()
  })
  return {
    url,
    client,
    db,
    async chain(length: number): Promise<{ id: string, head: string }> {
      const id = randomUUIDv7()
      let hash: string = GENESIS_HASH
      const rows = Array.from({ length }, (_, index) => {
        const event = {
          chainId: id,
          seq: index + 1,
          at: new Date(Date.UTC(2026, 0, 1, 0, 0, 0, index)),
          action: 'item.renamed',
          outcome: 'success' as const,
          actor: {
            kind: 'user' as const,
            id: randomUUIDv7(),
            name: `Person ${index} "名前"`,
          },
          subject: {
            kind: 'file' as const,
            id: index % 3
              ? randomUUIDv7()
              : null,
            name: '',
          },
          origin: index % 2
            ? { via: 'web' as const, ip: '192.0.2.1', userAgent: null }
            : { via: 'system' as const, ip: null, userAgent: null },
          details: storable<Record<string, unknown>>(index % 4
            ? {
                n: index,
                to: `${index}.txt`,
                at: new Date(index),
              }
            : {}),
        }
        const previous = hash
        hash = formerHash(previous, event)
        return {
          ...event,
          previous_hash: `\\x${previous}`,
          hash: `\\x${hash}`,
          chain_id: id,
          actor_id: event.actor.id,
          subject_id: event.subject.id,
        }
      })
      await client.query('insert into audit_chains (id, seq, hash) values ($1, $2, decode($3, \'hex\'))', [id, length, hash])
      await client.query('insert into audit_events select * from json_populate_recordset(null::audit_events, $1)', [
        JSON.stringify(rows),
      ])
      return { id, head: hash }
    },
  }
}

it('hashes chains anew, over pages, and can still prove what they were', async () => {
  const { url, client, db, chain } = await useFormer()
  const chains = [await chain(2300), await chain(1), await chain(0)]
  await migrate(url, [step])
  for (const [index, events] of [2300, 1, 0].entries()) {
    expect(await proveChain(db, chains[index]!.id)).toMatchObject({ events, brokenAt: null })
    expect(await proveFormerHead(db, chains[index]!.id)).toBe('holds')
  }
  const { rows } = await client.query(`select encode(hash, 'hex') as hash from audit_former_heads where chain_id = $1`, [chains[0]!.id])
  expect(rows[0].hash).toEqual(chains[0]!.head)
  expect((await client.query('select count(*)::int as told from audit_events where details::text ~ $1', ['txt|1970-'])).rows).toEqual([
    { told: 0 },
  ])
  // Who changes the kept head breaks the chain that begins with it.
  await client.query(`update audit_former_heads set hash = sha256('x') where chain_id = $1`, [chains[1]!.id])
  expect(await proveChain(db, chains[1]!.id)).toMatchObject({ events: 0, brokenAt: 1 })
})

it('says of a former head that it can prove no more, or that it does not hold', async () => {
  const { url, client, db, chain } = await useFormer()
  const [erased, changed] = [await chain(20), await chain(20)]
  await migrate(url, [step])
  await erasePersonal(db, {
    originBefore: new Date(),
    chainId: erased.id,
  }, 1)
  expect(await proveFormerHead(db, erased.id)).toBe('erased')
  await client.query(`update audit_events set at = at + interval '1 ms' where chain_id = $1 and seq = 7`, [changed.id])
  expect(await proveFormerHead(db, changed.id)).toBe('broken')
})

const TAMPERED: [string, number, string][] = [
  ['a changed name', 5, `update audit_events set subject = jsonb_set(subject, '{name}', '"Other"') where chain_id = $1 and seq = 5`],
  ['another actor in the column', 5, `update audit_events set actor_id = gen_random_uuid() where chain_id = $1 and seq = 5`],
  ['a dropped event', 1005, `delete from audit_events where chain_id = $1 and seq = 1005`],
  ['a dropped first event', 1, `delete from audit_events where chain_id = $1 and seq = 1`],
  ['a cut tail', 1006, `delete from audit_events where chain_id = $1 and seq > 1005`],
  ['a cut tail, and the head’s number with it', 1005, `with cut as (delete from audit_events where chain_id = $1 and seq > 1005) update audit_chains set seq = 1005 where id = $1`],
  ['one more at the end', 1011, `insert into audit_events select chain_id, 1011, at, action, outcome, actor, subject, origin, details, hash, hash, actor_id, subject_id from audit_events where chain_id = $1 and seq = 1010`],
]

it('does not make whole what was broken', async () => {
  const { url, client, db, chain } = await useFormer()
  const broken: { what: string, brokenAt: number, id: string }[] = []
  for (const [what, brokenAt, tamper] of TAMPERED) {
    const { id } = await chain(1010)
    await client.query(tamper, [id])
    broken.push({ what, brokenAt, id })
  }
  await migrate(url, [step])
  for (const { what, brokenAt, id } of broken) expect([what, (await proveChain(db, id)).brokenAt]).toEqual([what, brokenAt])
})

it('leaves all as it was when it is cut off in its middle, and does it whole the next time', async () => {
  const { url, client, db, chain } = await useFormer()
  const chains = [await chain(1500), await chain(1500)]
  const cutOff = {
    ...step,
    run: async (migrator: pg.ClientBase) => step.run(new Proxy(migrator, {
      get: (target, name) => name === 'query'
        ? async (text: string, values?: unknown[]) => {
          // The connection goes while the second chain is under way, as it does when the process is killed.
          if (/^\s*with rows/.test(text) && values?.[0] === chains.map(({ id }) => id).sort()[1]) {
            await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'clientshare-migrate' and datname = current_database()`)
          }
          return target.query(text, values)
        }
        : Reflect.get(target, name) as unknown,
    })),
  }
  await expect(migrate(url, [cutOff])).rejects.toThrow()
  expect((await client.query(`select to_regclass('audit_personal') as made, (select count(actor)::int from audit_events) as whole`)).rows).toEqual([
    { made: null, whole: 3000 },
  ])
  await migrate(url, [step])
  for (const { id } of chains) {
    expect(await proveChain(db, id)).toMatchObject({ events: 1500, brokenAt: null })
    expect(await proveFormerHead(db, id)).toBe('holds')
  }
})
