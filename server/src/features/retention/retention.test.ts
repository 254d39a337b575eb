import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import type { PurgeContext } from '../../retention-kinds.ts'
import type { Due, RetentionKind } from '../../retention/define-retention.ts'
import { Buffer } from 'node:buffer'
import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { auditOf, toldEvents } from '../../../test/audit-log.ts'
import { createUser, createWorkspace } from '../../../test/factories.ts'
import { createFileRow, createFolderRow } from '../../../test/item-factories.ts'
import { purgeDue } from '../../../test/purge-due.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { createLiveFacts } from '../../live-facts.ts'
import { retentionKinds } from '../../retention-kinds.ts'
import { DAY_MS, defineRetention } from '../../retention/define-retention.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { purgeJob, runPurge } from '../items/items.purge.ts'
import { fileVersions, items } from '../items/items.table.ts'
import { purges } from '../items/purges.table.ts'
import { links } from '../links/links.table.ts'
import { objects } from '../objects/objects.table.ts'
import { createUploadsTest } from '../uploads/uploads.fixture.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'
import { createRetentionService } from './retention.service.ts'
import { retentionSettings } from './retention.table.ts'

const { signal } = new AbortController()
let test: TestApp
let operator: TestUser

describe('how long data is kept', () => {
  beforeEach(async () => {
    test = await createTestApp()
    operator = await createUser(test, { isOperator: true })
    return () => test.close()
  })

  const list = async (language = 'en') => (await test.call('GET', `/admin/retention?language=${language}`, { token: operator.token })).body.items
  const change = (body: unknown, token = operator.token) => test.call('PATCH', '/admin/retention', { token, body })
  const events = () => toldEvents(test, eq(auditEvents.action, 'retention.changed'))
  const factOf = async (name: string, language: 'en' | 'de' | 'fr' | 'es' = 'en') => {
    const fact = createLiveFacts(test.deps).get(name)!
    return fact.words((await fact.read())!, language)
  }

  it('is listed in words, with what may be set and why the rest may not', async () => {
    const all = await list()
    expect(all.map(({ kind }: { kind: string }) => kind)).toEqual(retentionKinds.map(({ name }) => name))
    expect(all[0]).toEqual({
      kind: 'trash',
      what: 'Files and folders in the trash',
      since: 'the day that they were put there',
      days: 30,
      hours: null,
      settable: {
        defaultDays: 30,
        minimum: 1,
        maximum: 3650,
        mayBeForEver: true,
      },
      why: null,
      changedAt: null,
      changedBy: null,
    })
    expect(all.find(({ kind }: { kind: string }) => kind === 'audit')).toMatchObject({
      days: null,
      hours: null,
      settable: null,
      why: expect.stringMatching(/chained/),
    })
    expect(all.find(({ kind }: { kind: string }) => kind === 'link-visits')).toMatchObject({ days: null, hours: 1, settable: null })
    expect((await list('de'))[0].what).toBe('Dateien und Ordner im Papierkorb')
    expect((await test.call('GET', '/admin/retention?language=xx', { token: operator.token })).status).toBe(400)
  })

  it('is set by operators, told by the log once, and true of every page at once', async () => {
    const answer = await change({ kind: 'trash', days: 17 })
    expect(answer).toMatchObject({
      status: 200,
      body: {
        kind: 'trash',
        days: 17,
        changedAt: expect.any(String),
        changedBy: { id: operator.id, name: operator.name },
      },
    })
    expect((await list())[0].days).toBe(17)
    expect((await test.call('GET', '/instance')).body.trashDays).toBe(17)
    expect(await factOf('retention.trash')).toBe('17 days')
    await change({ kind: 'trash', days: 17 })
    await change({ kind: 'trash', days: null })
    expect((await test.call('GET', '/instance')).body.trashDays).toBeNull()
    expect((await events()).map(({ details, actorId }) => [actorId, details])).toEqual([
      [
        operator.id,
        {
          data: 'trash',
          days: { from: 30, to: 17 },
        },
      ],
      [
        operator.id,
        {
          data: 'trash',
          days: { from: 17, to: null },
        },
      ],
    ])
    await change({ kind: 'mails', days: 14 })
    expect((await test.call('GET', '/admin/mail', { token: operator.token })).body.keptDays).toBe(14)
  })

  it.each([
    [
      'no days',
      { kind: 'trash', days: 0 },
      400,
    ],
    [
      'days before today',
      { kind: 'trash', days: -1 },
      400,
    ],
    [
      'half a day',
      { kind: 'trash', days: 0.5 },
      400,
    ],
    [
      'more than its most',
      { kind: 'trash', days: 3651 },
      400,
    ],
    [
      'more than anything',
      { kind: 'trash', days: 1e9 },
      400,
    ],
    [
      'less than its least',
      { kind: 'mails', days: 6 },
      400,
    ],
    [
      'for ever what is not',
      { kind: 'mails', days: null },
      400,
    ],
    [
      'words',
      { kind: 'trash', days: '30' },
      400,
    ],
    [
      'without days',
      { kind: 'trash' },
      400,
    ],
    [
      'what is always kept so long',
      { kind: 'audit', days: 30 },
      400,
    ],
    [
      'what is no kind',
      { kind: 'constructor', days: 30 },
      400,
    ],
  ])('is not set to %s', async (_what, body, status) => {
    expect((await change(body)).status).toBe(status)
    expect(await events()).toEqual([])
    expect(await test.deps.db.$count(retentionSettings)).toBe(0)
  })

  it('is set by two at once to one of both, with two events that follow one another', async () => {
    await Promise.all([3, 4, 5, 6].map(days => change({ kind: 'trash', days })))
    const told = (await events()).map(({ details }) => (details as { days: { from: number, to: number } }).days)
    expect(told[0]!.from).toBe(30)
    for (const [at, { from }] of told.slice(1).entries()) expect(from).toBe(told[at]!.to)
    expect((await list())[0].days).toBe(told.at(-1)!.to)
  })

  it('is said by policy texts in four languages, in a sentence and as a table', async () => {
    expect(await factOf('retention.audit')).toBe('for ever')
    expect(await factOf('retention.audit', 'de')).toBe('für immer')
    expect(await factOf('retention.registrations', 'fr')).toMatch(/^1\sjour$/)
    expect(await factOf('retention.link-visits', 'es')).toBe('1 hora')
    await change({ kind: 'mails', days: 730 })
    expect(await factOf('retention.mails', 'de')).toBe('2 Jahre')
    const table = (await factOf('retention', 'de')).split('\n')
    expect(table).toHaveLength(retentionKinds.length + 2)
    expect(table.slice(0, 3)).toEqual([
      '| Was | Wie lange | Ab wann |',
      '| --- | --- | --- |',
      '| Dateien und Ordner im Papierkorb | 30 Tage | Tag, an dem sie dort hinkamen |',
    ])
    // What a published text keeps is what is compared with it later.
    const fact = createLiveFacts(test.deps).get('retention')!
    const kept = await fact.read()
    expect(JSON.parse(JSON.stringify(kept))).toEqual(kept)
    expect(fact.words({
      gone: { days: 3 },
    }, 'en').split('\n')).toHaveLength(2)
  })

  describe('when it is over', () => {
    const words = {
      en: 'Words',
      de: 'Wörter',
      fr: 'Mots',
      es: 'Palabras',
    }
    const serviceOf = (...kinds: RetentionKind<PurgeContext>[]) => createRetentionService({ ...test.deps, kinds })
    const kindOf = (purge: (due: Due) => Promise<boolean>) => defineRetention({
      name: 'kind',
      tables: [],
      what: words,
      since: words,
      days: {
        default: 10,
        minimum: 1,
        maximum: 1000,
        mayBeForEver: true,
      },
      purge: (_tx, due) => purge(due),
    })
    const setTo = (days: number | null) => serviceOf(kindOf(async () => false)).change({
      actor: { kind: 'user', id: operator.id, name: operator.name },
      origin: { via: 'web', ip: null, userAgent: null },
    }, { kind: 'kind', days }, 'en')

    it('each step goes by the setting and the clock of its moment', async () => {
      test.clock.set(new Date('2027-03-01T00:00:00Z'))
      const steps: string[] = []
      // Between one step and the next.
      const meanwhile = [
        () => test.deps.db.insert(retentionSettings).values({
          kind: 'kind',
          days: 40,
          changedAt: new Date(),
        }),
        async () => test.clock.advance(-365 * DAY_MS),
        () => test.deps.db.update(retentionSettings).set({ days: null }),
      ]
      const kind = kindOf(async ({ before }) => {
        steps.push(before.toISOString().slice(0, 10))
        await meanwhile.shift()!()
        return true
      })
      await serviceOf(kind).purge(kind, test.deps, signal)
      expect(steps).toEqual(['2027-02-19', '2027-01-20', '2026-01-20'])
      test.clock.set(null)
    })

    it('nobody changes the setting while a step goes by it', async () => {
      const order: string[] = []
      const began = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      const kind = kindOf(async () => {
        began.resolve()
        await go.promise
        order.push('deleted')
        return false
      })
      const purging = serviceOf(kind).purge(kind, test.deps, signal)
      await began.promise
      const changing = setTo(500).then(() => order.push('changed'))
      await expect.poll(async () => Number((await test.deps.db.execute<{ n: string }>(sql`select count(*) as n from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`)).rows[0]!.n)).toBe(1)
      go.resolve()
      await Promise.all([purging, changing])
      expect(order).toEqual(['deleted', 'changed'])
    })

    it('what is kept for ever is not looked at, and who aborts it ends it between two steps', async () => {
      let steps = 0
      const abort = new AbortController()
      const kind = kindOf(async () => {
        if (++steps === 3) abort.abort()
        return true
      })
      await serviceOf(kind).purge(kind, test.deps, abort.signal)
      expect(steps).toBe(3)
      await setTo(null)
      await serviceOf(kind).purge(kind, test.deps, signal)
      expect(steps).toBe(3)
    })

    it('a kind that fails holds up none, and the work is begun again for it', async () => {
      const done: string[] = []
      const kinds = ['first', 'second', 'third'].map(name => ({
        ...kindOf(async () => {
          if (name === 'second') throw new Error('not this one')
          done.push(name)
          return false
        }),
        name,
      }))
      await expect(serviceOf(...kinds).purgeAll('settable', test.deps, signal)).rejects.toThrow('not this one')
      expect(done).toEqual(['first', 'third'])
    })
  })

  describe('the trash', () => {
    let w: TestWorkspace
    beforeEach(async () => {
      w = await createWorkspace(test)
    })
    const place = () => ({ workspaceId: w.id, spaceId: w.spaceId, parentId: w.rootId })
    const usedBytes = async () => (await test.deps.db.select().from(workspaces).where(eq(workspaces.id, w.id)))[0]!.usedBytes
    const left = async () => (await test.deps.db.select({ name: items.name }).from(items).where(and(eq(items.workspaceId, w.id), isNotNull(items.parentId)))).map(({ name }) => name).sort()
    /** As if it had been put there some days ago. */
    const trash = async (id: string, days: number) => {
      expect((await test.call('DELETE', `/items/${id}`, { token: w.owner.token })).status).toBe(204)
      await test.deps.db.update(items).set({
        trashedAt: new Date(test.clock.now().getTime() - days * DAY_MS - 1000),
      }).where(eq(items.id, id))
    }
    const runPurges = async () => {
      for (const { id } of await test.deps.db.select({ id: purges.id }).from(purges).where(sql`ended_at is null`)) await runPurge(test.deps, id, signal)
    }
    const shown = async () => (await test.call('GET', `/workspaces/${w.id}/trash`, { token: w.owner.token })).body.items.map((item: { name: string }) => item.name).sort()

    it('goes after its days, with what lies in it, its room and its events, as if somebody had emptied it', async () => {
      const folder = await createFolderRow(test, place(), 'Folder', w.owner)
      const inFolder = {
        ...place(),
        parentId: folder.id,
      }
      const inner = await createFileRow(test, inFolder, 'inner.txt', w.owner, { size: 100 })
      const within = await createFileRow(test, inFolder, 'within.txt', w.owner, { size: 1000 })
      const old = await createFileRow(test, place(), 'old.txt', w.owner, { size: 10 })
      const young = await createFileRow(test, place(), 'young.txt', w.owner, { size: 1 })
      await trash(old.id, 30)
      await trash(within.id, 40)
      await trash(folder.id, 35)
      await trash(young.id, 29)

      await purgeDue(test)
      // Gone from view at once, for good.
      expect(await shown()).toEqual(['young.txt'])
      expect((await test.call('POST', `/items/${old.id}/restore`, { token: w.owner.token })).status).toBe(404)
      expect((await test.call('GET', `/workspaces/${w.id}/purges`, { token: w.owner.token })).body.items).toEqual([])
      await purgeDue(test)
      await runPurges()
      expect(await left()).toEqual(['young.txt'])
      expect(await usedBytes()).toBe(1)
      expect(await test.deps.db.select({ state: objects.state }).from(objects).where(eq(objects.key, inner.key))).toEqual([
        { state: 'doomed' },
      ])
      const told = await auditOf(test, w.id, 'item.purged')
      expect(told.map(({ subject, actorId, details }) => [subject.name, actorId, (details as { bytes: number }).bytes]).sort()).toEqual([
        ['Folder', null, 1100],
        ['old.txt', null, 10],
      ])
      // How far it was is nobody's question after a day.
      expect(await test.deps.db.$count(purges)).toBe(1)
      await test.deps.db.update(purges).set({
        endedAt: new Date(test.clock.now().getTime() - DAY_MS - 1000),
      })
      await purgeDue(test)
      expect(await test.deps.db.$count(purges)).toBe(0)
    })

    it('stays where it is kept for ever, and what was taken back in time stays too', async () => {
      await change({ kind: 'trash', days: null })
      const back = await createFileRow(test, place(), 'back.txt', w.owner)
      const file = await createFileRow(test, place(), 'file.txt', w.owner)
      await trash(file.id, 5000)
      await trash(back.id, 5000)
      await purgeDue(test)
      expect(await test.deps.db.$count(purges)).toBe(0)
      expect((await test.call('POST', `/items/${back.id}/restore`, { token: w.owner.token })).status).toBe(200)
      await change({ kind: 'trash', days: 3650 })
      await purgeDue(test)
      await runPurges()
      expect(await left()).toEqual(['back.txt'])
    })

    it('of many is marked a thousand at a time, each once, by two servers at once', async () => {
      await test.deps.db.execute(sql`
        insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, search_text, created_at, updated_at, trashed_at)
        select gen_random_uuid(), ${w.id}::uuid, ${w.spaceId}::uuid, ${w.rootId}::uuid, 'folder', 'f' || n, 'f' || n, 'f' || n, ${new Date(0).toISOString()}::timestamptz, ${new Date(0).toISOString()}::timestamptz, ${new Date(0).toISOString()}::timestamptz
        from generate_series(1, 2500) as n`)
      await Promise.all([
        purgeDue(test),
        purgeDue(test),
      ])
      const marked = await test.deps.db.execute<{ n: string }>(sql`select count(*) as n from items where workspace_id = ${w.id}::uuid and purge_id is not null group by purge_id order by 1 desc`)
      expect(marked.rows.map(({ n }) => Number(n))).toEqual([1000, 1000, 500])
      expect(purgeJob.name).toBe('items.purge')
      await runPurges()
      expect(await auditOf(test, w.id, 'item.purged')).toHaveLength(2500)
    })
  })

  it('links go so long after their end, first the earlier of both, with their event', async () => {
    const w = await createWorkspace(test)
    const { id } = await createFileRow(test, { workspaceId: w.id, spaceId: w.spaceId, parentId: w.rootId }, 'Report.pdf', w.owner)
    const now = test.clock.now()
    const make = async (title: string, ended: Partial<typeof links.$inferInsert>) => {
      const { body } = await test.call('POST', `/workspaces/${w.id}/links`, {
        token: w.owner.token,
        body: {
          itemIds: [id],
          title,
        },
      })
      await test.deps.db.update(links).set(ended).where(eq(links.id, body.id))
    }
    const ago = (days: number) => new Date(now.getTime() - days * DAY_MS)
    await make('stands', { expiresAt: null })
    await make('ends', {
      expiresAt: ago(-1),
    })
    await make('expired', {
      expiresAt: ago(11),
    })
    await make('expired lately', {
      expiresAt: ago(9),
    })
    await make('revoked', {
      revokedAt: ago(11),
      expiresAt: ago(-100),
    })
    await make('revoked lately', {
      revokedAt: ago(1),
    })
    const titles = async () => (await test.deps.db.select({ title: links.title }).from(links)).map(({ title }) => title).sort()
    await purgeDue(test)
    expect(await titles()).toHaveLength(6)
    await change({ kind: 'links', days: 10 })
    await purgeDue(test)
    expect(await titles()).toEqual([
      'ends',
      'expired lately',
      'revoked lately',
      'stands',
    ])
    expect((await auditOf(test, w.id, 'link.purged')).map(({ subject, actorId }) => [subject.name, actorId]).sort()).toEqual([
      ['expired', null],
      ['revoked', null],
    ])
  })
})

describe('earlier versions', () => {
  let t: Awaited<ReturnType<typeof createUploadsTest>>
  beforeEach(async () => { t = await createUploadsTest() })
  afterEach(() => t.close())

  it('go so long after they were replaced, but for bytes that a later one has', async () => {
    const { test } = t
    const w = await t.workspace()
    await test.deps.db.insert(retentionSettings).values({
      kind: 'versions',
      days: 10,
      changedAt: new Date(),
    })
    /** As if all versions of the file had come so many days earlier. */
    const age = (days: number) => test.deps.db.update(fileVersions).set({ createdAt: sql`created_at - make_interval(hours => ${days * 24}::int)` })
    const upload = async (name: string, text: string): Promise<string> => (await t.uploadFile(w, Buffer.from(text), { name, onConflict: 'replace', user: w.owner })).body.id
    const numbers = async (id: string) => (await test.deps.db.select({ number: fileVersions.number }).from(fileVersions).where(eq(fileVersions.itemId, id)).orderBy(fileVersions.number)).map(({ number }) => number)
    const usedBytes = async () => (await test.deps.db.select().from(workspaces).where(eq(workspaces.id, w.id)))[0]!.usedBytes
    const id = await upload('Offer.txt', 'one')
    const alone = await upload('Alone.txt', 'alone')
    await upload('Offer.txt', 'second')
    await age(1)
    await upload('Offer.txt', 'third of all')
    await age(1)
    expect((await t.send('POST', `/files/${id}/versions/1/restore`, { token: w.owner.token })).status).toBe(200)
    expect(await usedBytes()).toBe('one'.length + 'alone'.length + 'second'.length + 'third of all'.length)

    await age(8)
    await purgeDue(test)
    expect(await numbers(id)).toEqual([1, 2, 3, 4])
    await age(1.5)
    await purgeDue(test)
    // The first has the bytes of the fourth, which is the current one.
    expect(await numbers(id)).toEqual([1, 3, 4])
    await age(1)
    await purgeDue(test)
    expect(await numbers(id)).toEqual([1, 4])
    await age(4000)
    await purgeDue(test)
    expect(await numbers(id)).toEqual([1, 4])
    expect(await numbers(alone)).toEqual([1])
    expect(await usedBytes()).toBe('one'.length + 'alone'.length)
    expect((await t.readFile(w, id)).toString()).toBe('one')
    expect((await auditOf(test, w.id, 'file.versions_purged')).map(({ subject, details }) => [subject.name, details])).toEqual([
      [
        'Offer.txt',
        expect.objectContaining({ versions: 1, bytes: 'second'.length }),
      ],
      [
        'Offer.txt',
        expect.objectContaining({ versions: 1, bytes: 'third of all'.length }),
      ],
    ])
    // Once another has replaced it, both go together.
    await upload('Offer.txt', 'the last')
    await age(11)
    await purgeDue(test)
    expect(await numbers(id)).toEqual([5])
    expect(await usedBytes()).toBe('the last'.length + 'alone'.length)
    expect(await test.deps.db.$count(objects, eq(objects.state, 'committed'))).toBe(2)
  })
})
