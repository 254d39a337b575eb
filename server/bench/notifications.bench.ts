import type { SQL } from 'drizzle-orm'
import type { ToldRow } from '../src/features/audit/audit-readers.service.ts'
import type { Row } from './measure.ts'
import { randomUUIDv7 } from 'node:crypto'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { startCluster } from '../../scripts/embedded-postgres.ts'
import { dataSteps } from '../src/data-steps.ts'
import { createDatabase } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import { rowsOf } from '../src/db/rows.ts'
import { createAccessService } from '../src/features/access/access.service.ts'
import { createAuditReaders } from '../src/features/audit/audit-readers.service.ts'
import { fileUploaded } from '../src/features/audit/audit.actions.ts'
import { createAuditLog } from '../src/features/audit/audit.service.ts'
import { createNewsView } from '../src/features/notifications/news-view.ts'
import { notificationsReader } from '../src/features/notifications/notifications.reader.ts'
import { createNotificationsService } from '../src/features/notifications/notifications.service.ts'
import { notificationEvents, notificationLines, notifications } from '../src/features/notifications/notifications.table.ts'
import { createLiveBus } from '../src/live/live-bus.ts'
import { compare } from './measure.ts'

const EVENTS = 10_000
const MEMBERS = 50
/** As many as a reader gets at a time. */
const BATCH = 200
const COUNTS = 500
const ACTIONS = 500

const lineRows = rowsOf(notificationLines, [
  'id',
  'key',
  'workspaceId',
  'type',
  'actorKind',
  'actorId',
  'actorName',
  'placeId',
  'placeName',
  'lastAt',
])
const eventRows = rowsOf(notificationEvents, [
  'lineId',
  'seq',
  'at',
  'subjectKind',
  'subjectId',
  'subjectName',
  'details',
])
const toldRows = rowsOf(notifications, ['userId', 'lineId', 'at', 'count'])

/** Events that become news, beside the rows of that news inserted bare; what the news costs the action that it tells of; and the count for the bell. */
export async function benchNotifications(scratch: string): Promise<{ told: Row[], actions: Row[], counts: Row[] }> {
  const cluster = await startCluster({
    folder: join(scratch, 'notifications-postgres'),
    ephemeral: true,
  })
  try {
    await migrate(cluster.url(), dataSteps)
    const { db, close } = createDatabase({
      url: cluster.url(),
      poolSize: 8,
    })
    const clock = () => new Date()
    const access = createAccessService({ db, clock })
    const service = createNotificationsService({
      db,
      clock,
      newId: randomUUIDv7,
      access,
      view: createNewsView({
        access,
        links: {
          filterSeen: async () => [],
        },
      }),
      jobs: {
        send: async () => {},
      },
      mail: {
        canSend: true,
        withdrawAll: async () => {},
        withdrawLines: async () => {},
      },
    })
    const live = createLiveBus({
      databaseUrl: cluster.url(),
      onError: () => {},
    })
    await live.start()
    try {
      const place = await fill(statement => db.execute(statement))
      const { rows: files } = await db.execute<{ id: string }>(sql`select id from items where kind = 'file'`)
      const { rows: people } = await db.execute<{ id: string }>(sql`select user_id as id from members where role = 'staff'`)
      const event = (n: number): ToldRow => ({
        chainId: place.workspaceId,
        seq: n + 1,
        at: clock(),
        action: fileUploaded.action,
        outcome: 'success',
        hash: '',
        actor: { kind: 'user', id: place.actorId, name: 'Ana' },
        subject: { kind: 'file', id: files[n]!.id, name: `File ${n}.pdf` },
        origin: { via: 'web', ip: null, userAgent: null },
        // A folder each, so that each event is a line of its own: the most that it can come to.
        details: {
          parentId: randomUUIDv7(),
          parentName: 'Contracts',
        },
        erased: [],
      })
      const batches = async (work: (ns: number[]) => Promise<unknown>) => {
        await db.execute(sql`truncate notification_lines cascade`)
        for (let from = 0; from < EVENTS; from += BATCH) await work(Array.from({ length: BATCH }, (_, index) => from + index))
      }
      const told = [
        await compare(`${EVENTS} events, ${MEMBERS} people told of each`, EVENTS, 'events/s', [
          {
            name: 'told',
            work: () => batches(ns => db.transaction(tx => service.tell(tx, ns.map(event)))),
          },
          {
            name: 'the same rows inserted',
            work: () => batches(ns => db.transaction(async (tx) => {
              const lines = ns.map(n => ({
                id: randomUUIDv7(),
                key: randomUUIDv7(),
                workspaceId: place.workspaceId,
                type: fileUploaded.action,
                actorKind: 'user' as const,
                actorId: place.actorId,
                actorName: 'Ana',
                placeId: randomUUIDv7(),
                placeName: 'Contracts',
                lastAt: clock(),
                n,
              }))
              await tx.execute(sql`insert into notification_lines (${lineRows.names}) select ${lineRows.names} from ${lineRows.of(lines)}`)
              await tx.execute(sql`insert into notification_events (${eventRows.names}) select ${eventRows.names} from ${eventRows.of(lines.map(({ id, n }) => ({
                lineId: id,
                seq: n + 1,
                at: clock(),
                subjectKind: 'file',
                subjectId: files[n]!.id,
                subjectName: `File ${n}.pdf`,
                details: {},
              })))}`)
              await tx.execute(sql`insert into notifications (${toldRows.names}) select ${toldRows.names} from ${toldRows.of(lines.flatMap(({ id }) => people.map(person => ({
                userId: person.id,
                lineId: id,
                at: clock(),
                count: 1,
              }))))}`)
            })),
          },
        ]),
      ]

      const audit = createAuditLog({ db, clock })
      const log = {
        error: (_fields: object, message: string) => { throw new Error(message) },
      }
      const record = async (reads: boolean) => {
        const readers = createAuditReaders({ db, live, clock, log })
        if (reads) {
          await readers.start([
            notificationsReader(service),
          ])
        }
        for (let n = 0; n < ACTIONS; n++) {
          await audit.recordAlone({
            actor: { kind: 'user', id: place.actorId, name: 'Ana' },
            origin: { via: 'web', ip: null, userAgent: null },
          }, fileUploaded({
            workspaceId: place.workspaceId,
            subject: { kind: 'file', id: files[n]!.id, name: `File ${n}.pdf` },
            details: { version: 1, size: 1, sha256: null },
          }))
        }
        if (reads) await readers.stop()
      }
      const actions = [
        await compare('an event recorded, one after another', ACTIONS, 'events/s', [
          {
            name: `told to ${MEMBERS} people meanwhile`,
            work: () => record(true),
          },
          {
            name: 'told to nobody',
            work: () => record(false),
          },
        ], 5),
      ]

      await db.execute(sql`truncate notification_lines cascade`)
      const [many, few] = people
      await fillNews(statement => db.execute(statement), many!.id, 100_000)
      await fillNews(statement => db.execute(statement), few!.id, 10)
      await db.execute(sql`vacuum analyze notifications`)
      const count = async (userId: string) => {
        for (let n = 0; n < COUNTS; n++) await service.countUnread(userId)
      }
      const counts = [
        await compare('the bell’s count', COUNTS, 'counts/s', [
          {
            name: 'of 100,000 unread',
            work: () => count(many!.id),
          },
          {
            name: 'of 10',
            work: () => count(few!.id),
          },
        ], 5),
      ]
      return { told, actions, counts }
    }
    finally {
      await live.stop()
      await close()
    }
  }
  finally {
    await cluster.stop()
  }
}

/** A workspace whose people may all see each of its files, by what was granted to them. */
async function fill(run: (statement: SQL) => Promise<unknown>): Promise<{ workspaceId: string, actorId: string }> {
  const [workspaceId, spaceId, rootId, actorId] = [
    randomUUIDv7(),
    randomUUIDv7(),
    randomUUIDv7(),
    randomUUIDv7(),
  ]
  await run(sql`insert into workspaces (id, name, slug, created_at) values (${workspaceId}, 'Bench', 'bench', now())`)
  await run(sql`insert into users (id, name, email, email_key, created_at) values (${actorId}, 'Ana', 'ana@example.org', 'ana@example.org', now())`)
  await run(sql`insert into users (id, name, email, email_key, created_at) select gen_random_uuid(), 'Person ' || n, n || '@example.org', n || '@example.org', now() from generate_series(1, ${MEMBERS}::int) as n`)
  await run(sql`insert into members (id, workspace_id, user_id, role, created_at) select gen_random_uuid(), ${workspaceId}::uuid, id, 'staff', now() from users where id <> ${actorId}`)
  await run(sql`insert into spaces (id, workspace_id, kind, name, root_folder_id, created_at) values (${spaceId}, ${workspaceId}, 'team', 'Bench', ${rootId}, now())`)
  await run(sql`insert into items (id, workspace_id, space_id, kind, name, name_key, search_text, created_at, updated_at) values (${rootId}, ${workspaceId}, ${spaceId}, 'folder', 'Bench', 'bench', 'bench', now(), now())`)
  await run(sql`insert into items (id, workspace_id, space_id, parent_id, kind, name, name_key, search_text, created_by, created_at, updated_at)
    select gen_random_uuid(), ${workspaceId}::uuid, ${spaceId}::uuid, ${rootId}::uuid, 'file', n || '.pdf', n || '.pdf', n || '.pdf', ${actorId}::uuid, now(), now() from generate_series(1, ${EVENTS}::int) as n`)
  await run(sql`insert into grants (id, workspace_id, folder_id, user_id, role, created_at) select gen_random_uuid(), ${workspaceId}::uuid, ${rootId}::uuid, user_id, 'viewer', now() from members`)
  await run(sql`analyze`)
  return { workspaceId, actorId }
}

/** Of the instance, which an operator may see. */
async function fillNews(run: (statement: SQL) => Promise<unknown>, userId: string, count: number): Promise<void> {
  await run(sql`
    with line as (
      insert into notification_lines (id, key, type, actor_kind, actor_name, last_at)
      select gen_random_uuid(), ${userId} || n, 'request.received', 'visitor', '', now() - n * interval '1 second' from generate_series(1, ${count}::int) as n
      returning id, last_at
    ),
    event as (
      insert into notification_events (line_id, seq, at, subject_kind, subject_name, details) select id, 1, last_at, 'request', '', '{"kind":"access"}' from line
    )
    insert into notifications (user_id, line_id, at, count) select ${userId}::uuid, id, last_at, 1 from line`)
}
