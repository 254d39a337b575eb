import type { Executor, Tx } from '../db/database.ts'
import type { Verdict } from './verdict.ts'
import { and, asc, count, desc, eq, getTableColumns, gt, inArray, isNotNull, isNull, lt, lte, max, min, ne, sql } from 'drizzle-orm'
import { advisoryLocks } from '../db/advisory-locks.ts'
import { deleteBatch } from '../db/delete-batch.ts'
import { containing } from '../db/like.ts'
import { rowsOf } from '../db/rows.ts'
import { mailAttempts, mails, mailSuppressions } from './mails.table.ts'

export type MailRow = typeof mails.$inferSelect
/** Of the account that has the address: null when none has, or it is not known. */
export type ClaimedMail = MailRow & { timeZone: string | null }
export type MailState = MailRow['state']
export type AttemptRow = typeof mailAttempts.$inferSelect
export type SuppressionRow = typeof mailSuppressions.$inferSelect
export interface MailPosition { createdAt: Date, id: string }

const newMail = rowsOf(mails, [
  'id',
  'key',
  'groupId',
  'messageId',
  'references',
  'template',
  'language',
  'toAddress',
  'toKey',
  'toName',
  'sender',
  'subject',
  'data',
  'sealed',
  'createdAt',
  'nextAttemptAt',
  'giveUpAt',
  'usefulUntil',
])
type NewMail = Parameters<typeof newMail.of>[0][number]

/** Those whose key is there already are not written again. */
export async function insertMails(tx: Tx, rows: readonly NewMail[]): Promise<void> {
  await tx.execute(sql`insert into ${mails} (${newMail.names}) select ${newMail.names} from ${newMail.of(rows)} on conflict (key) do nothing`)
}

/** One claims at a time, so that the limit of a minute holds for all together. */
export async function lockClaiming(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${advisoryLocks.mailing})`)
}

/** How many tries began since then, and when the first of them did. */
export async function countAttemptsSince(tx: Tx, since: Date): Promise<{ count: number, first: Date | null }> {
  const [row] = await tx.select({
    count: count(),
    first: min(mailAttempts.beganAt),
  }).from(mailAttempts).where(gt(mailAttempts.beganAt, since))
  return row!
}

/** What is useful for less goes ahead of the others. */
const URGENT_MS = 3_600_000

const isDue = (now: Date) => and(eq(mails.state, 'waiting'), lte(mails.nextAttemptAt, now))

export async function isAnyDue(tx: Tx, now: Date): Promise<boolean> {
  const [row] = await tx.select({ id: mails.id }).from(mails).where(isDue(now)).limit(1)
  return row !== undefined
}

/**
 * The next that are due, first what is of no use soon (a link to a new password does not stand behind others' invitations), each with one try more, which nobody else begins before `until`. What is of no use any more, or goes to an address that does
 * not exist, ends here. A try that a gone worker began is closed.
 */
export async function claimDue(tx: Tx, { limit, now, until }: { limit: number, now: Date, until: Date }): Promise<ClaimedMail[]> {
  const at = sql`${now.toISOString()}::timestamptz`
  const soon = sql`${new Date(now.getTime() + URGENT_MS).toISOString()}::timestamptz`
  const due = await tx
    .select({ id: mails.id })
    .from(mails)
    .where(isDue(now))
    .orderBy(desc(sql`coalesce(${mails.usefulUntil} < ${soon}, false)`), asc(mails.nextAttemptAt), asc(mails.id))
    .limit(limit)
    .for('update', { skipLocked: true })
  if (due.length === 0) return []
  const ids = due.map(({ id }) => id)
  const fate = sql`case when ${mails.usefulUntil} <= ${at} then 'expired' when exists (select from ${mailSuppressions} where ${eq(mailSuppressions.addressKey, mails.toKey)}) then 'suppressed' else 'waiting' end`
  await tx
    .update(mailAttempts)
    .set({ outcome: 'cut', endedAt: now })
    .where(and(inArray(mailAttempts.mailId, ids), isNull(mailAttempts.outcome)))
  const claimed = await tx
    .update(mails)
    .set({
      state: fate as never,
      attempts: sql`${mails.attempts} + (${fate} = 'waiting')::int`,
      nextAttemptAt: sql`case when ${fate} = 'waiting' then ${until.toISOString()}::timestamptz end`,
      endedAt: sql`case when ${fate} <> 'waiting' then ${at} end`,
    })
    .where(inArray(mails.id, ids))
    .returning({
      ...getTableColumns(mails),
      timeZone: sql<string | null>`(select time_zone from users where email_key = ${mails.toKey})`,
    })
  const tried = claimed.filter(({ state }) => state === 'waiting')
  if (tried.length > 0) {
    await tx.insert(mailAttempts).values(tried.map(({ id, attempts }) => ({ mailId: id, number: attempts, beganAt: now })))
  }
  return claimed
}

/** How a try ended, and what becomes of its mail. */
export interface SettledAttempt { id: string, attempts: number, verdict: Verdict, endedAt: Date, state: MailState, nextAttemptAt: Date | null }

/** Writes down how tries ended. One that was taken for dead and is another's by now says nothing of the mail. */
export async function settleAttempts(db: Executor, settled: readonly SettledAttempt[]): Promise<void> {
  const given = JSON.stringify(settled.map(({ id, attempts, verdict: { outcome, reply }, endedAt, state, nextAttemptAt }) => ({
    id,
    attempts,
    outcome,
    reply,
    at: endedAt,
    state,
    next: nextAttemptAt,
  })))
  await db.execute(sql`
    with given as (
      select * from json_to_recordset(${given}::json) as rows (id uuid, attempts int, outcome text, reply text, at timestamptz, state text, next timestamptz)
    ), ended as (
      update ${mailAttempts} set outcome = given.outcome, reply = given.reply, ended_at = given.at from given
      where mail_id = given.id and number = given.attempts and ${mailAttempts.outcome} is null
      returning mail_id
    )
    update ${mails} set state = given.state, next_attempt_at = given.next, ended_at = case when given.state = 'waiting' then null else given.at end
    from given, ended
    where ${mails.id} = given.id and ended.mail_id = given.id and ${mails.state} = 'waiting' and ${mails.attempts} = given.attempts`)
}

export async function insertSuppression(db: Executor, row: SuppressionRow): Promise<void> {
  await db.insert(mailSuppressions).values(row).onConflictDoNothing()
}

export async function deleteSuppression(tx: Tx, addressKey: string): Promise<boolean> {
  return (await tx.delete(mailSuppressions).where(eq(mailSuppressions.addressKey, addressKey)).returning({ addressKey: mailSuppressions.addressKey })).length > 0
}

/** Newest first. */
export async function listSuppressions(db: Executor, { after, limit }: { after?: { createdAt: Date, addressKey: string }, limit: number }): Promise<SuppressionRow[]> {
  return db
    .select()
    .from(mailSuppressions)
    .where(after && sql`(${mailSuppressions.createdAt}, ${mailSuppressions.addressKey}) < (${after.createdAt.toISOString()}::timestamptz, ${after.addressKey}::text)`)
    .orderBy(desc(mailSuppressions.createdAt), desc(mailSuppressions.addressKey))
    .limit(limit)
}

export async function isSuppressed(db: Executor, addressKey: string): Promise<boolean> {
  return await db.$count(mailSuppressions, eq(mailSuppressions.addressKey, addressKey)) > 0
}

const shownColumns = {
  id: mails.id,
  template: mails.template,
  language: mails.language,
  toAddress: mails.toAddress,
  toName: mails.toName,
  sender: mails.sender,
  subject: mails.subject,
  messageId: mails.messageId,
  state: mails.state,
  attempts: mails.attempts,
  createdAt: mails.createdAt,
  nextAttemptAt: mails.nextAttemptAt,
  usefulUntil: mails.usefulUntil,
  endedAt: mails.endedAt,
}
export type ShownRow = Pick<MailRow, keyof typeof shownColumns>

/** Newest first. */
export async function listMails(db: Executor, { state, search, after, limit }: { state?: MailState, search?: string, after?: MailPosition, limit: number }): Promise<ShownRow[]> {
  return db
    .select(shownColumns)
    .from(mails)
    .where(and(
      state && eq(mails.state, state),
      search === undefined
        ? undefined
        : sql`${mails.toKey} like ${containing(search)}`,
      after && sql`(${mails.createdAt}, ${mails.id}) < (${after.createdAt.toISOString()}::timestamptz, ${after.id}::uuid)`,
    ))
    .orderBy(desc(mails.createdAt), desc(mails.id))
    .limit(limit)
}

export async function findMail(db: Executor, id: string): Promise<ShownRow | undefined> {
  const [row] = await db.select(shownColumns).from(mails).where(eq(mails.id, id))
  return row
}

export async function lockMail(tx: Tx, id: string): Promise<MailRow | undefined> {
  const [row] = await tx.select().from(mails).where(eq(mails.id, id)).for('update')
  return row
}

/** Oldest first. */
export async function listAttempts(db: Executor, mailId: string): Promise<AttemptRow[]> {
  return db.select().from(mailAttempts).where(eq(mailAttempts.mailId, mailId)).orderBy(asc(mailAttempts.number))
}

export async function isUnderWay(tx: Tx, mailId: string): Promise<boolean> {
  return await tx.$count(mailAttempts, and(eq(mailAttempts.mailId, mailId), isNull(mailAttempts.outcome))) > 0
}

export async function waitAgain(tx: Tx, id: string, { now, giveUpAt }: { now: Date, giveUpAt: Date }): Promise<void> {
  await tx.update(mails).set({
    state: 'waiting',
    nextAttemptAt: now,
    endedAt: null,
    giveUpAt,
  }).where(eq(mails.id, id))
}

export async function countByState(db: Executor): Promise<{ state: MailState, count: number }[]> {
  return db.select({
    state: mails.state,
    count: count(),
  }).from(mails).groupBy(mails.state)
}

/** By group, what became of its mails. */
export async function countGroups(db: Executor, groupIds: readonly string[]): Promise<{ groupId: string, state: MailState, count: number }[]> {
  return db.select({
    groupId: sql<string>`${mails.groupId}`,
    state: mails.state,
    count: count(),
  }).from(mails).where(inArray(mails.groupId, [...groupIds])).groupBy(mails.groupId, mails.state)
}

/** How many of any group wait for their first try. */
export async function countUntriedOfGroups(db: Executor): Promise<number> {
  return db.$count(mails, and(eq(mails.state, 'waiting'), eq(mails.attempts, 0), isNotNull(mails.groupId)))
}

export async function findLastSent(db: Executor): Promise<Date | null> {
  const [row] = await db.select({
    at: max(mailAttempts.endedAt),
  }).from(mailAttempts).where(eq(mailAttempts.outcome, 'sent'))
  return row?.at ?? null
}

export async function endWaiting(db: Executor, now: Date): Promise<void> {
  await db.update(mails).set({ state: 'failed', nextAttemptAt: null, endedAt: now }).where(eq(mails.state, 'waiting'))
}

/** What still waits is no matter of its age: it is sent, or given up. */
export const deleteOld = (tx: Executor, before: Date): Promise<boolean> => deleteBatch(tx, mails, and(lt(mails.createdAt, before), ne(mails.state, 'waiting')))

export async function withdraw(tx: Tx, key: string, now: Date): Promise<void> {
  await tx.update(mails).set({ usefulUntil: now, sealed: null }).where(and(eq(mails.key, key), eq(mails.state, 'waiting')))
}

/** Whatever became of them, but for those that were sent: an operator sends none of them again. */
export async function withdrawAll(tx: Tx, template: string, prefixes: readonly string[], now: Date): Promise<void> {
  await tx.update(mails).set({ usefulUntil: now, sealed: null }).where(and(
    eq(mails.template, template),
    ne(mails.state, 'sent'),
    gt(mails.usefulUntil, now),
    sql`exists (select from unnest(${sql.param([...prefixes])}::text[]) as prefix where starts_with(${mails.key}, prefix))`,
  ))
}

/** @param like what the lines have that go (`jsonb @>`) */
export async function withdrawLines(tx: Tx, template: string, prefixes: readonly string[], like: object, now: Date): Promise<void> {
  const pattern = sql`${JSON.stringify(like)}::jsonb`
  const left = sql`(select jsonb_agg(line order by place) from jsonb_array_elements(${mails.data} -> 'lines') with ordinality as told(line, place) where not line @> ${pattern})`
  await tx
    .update(mails)
    .set({
      data: sql`case when ${left} is null then ${mails.data} else jsonb_set(${mails.data}, '{lines}', ${left}) end`,
      usefulUntil: sql`case when ${left} is null then ${now.toISOString()}::timestamptz else ${mails.usefulUntil} end`,
      sealed: sql`case when ${left} is null then null else ${mails.sealed} end`,
    })
    .where(and(
      eq(mails.template, template),
      ne(mails.state, 'sent'),
      gt(mails.usefulUntil, now),
      sql`exists (select from unnest(${sql.param([...prefixes])}::text[]) as prefix where starts_with(${mails.key}, prefix))`,
      sql`${mails.data} -> 'lines' @> jsonb_build_array(${pattern})`,
    ))
}

export async function eraseUseless(db: Executor, now: Date): Promise<void> {
  await db.update(mails).set({ sealed: null }).where(and(isNotNull(mails.sealed), lt(mails.usefulUntil, now)))
}
