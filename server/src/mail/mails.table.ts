import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../db/columns.ts'

/** Mails that are to be sent, and that were. Nothing in them is a secret but what `sealed` holds. */
export const mails = pgTable('mails', {
  id: id(),
  /** What it tells of, in words of the caller: of those with the same there is one. */
  key: text('key').notNull(),
  /** What many are sent for, one to each: they are counted together, and what one person waits for goes ahead of them. */
  groupId: uuid('group_id'),
  /** The same however often it is sent, so that a mailbox knows a second one for the first. */
  messageId: text('message_id').notNull(),
  /** Message-IDs of what it answers, as its header names them; empty: nothing. */
  references: text('references').notNull().default(''),
  template: text('template').notNull(),
  language: text('language').notNull(),
  toAddress: text('to_address').notNull(),
  /** As it is compared and searched. */
  toKey: text('to_key').notNull(),
  toName: text('to_name').notNull(),
  /** The name beside MAIL_FROM, and whose the mail is in its words. */
  sender: text('sender').notNull(),
  subject: text('subject').notNull(),
  data: jsonb('data').$type<Record<string, unknown>>().notNull(),
  /** The template's secrets, encrypted; erased when they are good for nothing any more. */
  sealed: binary('sealed'),
  state: text('state', {
    enum: [
      'waiting',
      'sent',
      'failed',
      'suppressed',
      'expired',
    ],
  }).notNull().default('waiting'),
  attempts: integer('attempts').notNull().default(0),
  createdAt: instant('created_at').notNull(),
  /** While it waits: when it is tried next. Whoever tries it moves this to when another may. */
  nextAttemptAt: instant('next_attempt_at'),
  /** Not tried again after. */
  giveUpAt: instant('give_up_at').notNull(),
  /** What it says is true until then; it is not sent later. */
  usefulUntil: instant('useful_until'),
  endedAt: instant('ended_at'),
}, table => [
  uniqueIndex('mails_key_unique').on(table.key),
  index('mails_due_index').on(table.nextAttemptAt, table.id).where(sql`${table.state} = 'waiting'`),
  index('mails_group_id_index').on(table.groupId, table.state).where(sql`${table.groupId} is not null`),
  index('mails_created_at_index').on(table.createdAt, table.id),
  check('mails_state_check', sql`${table.state} in ('waiting', 'sent', 'failed', 'suppressed', 'expired')`),
  check('mails_waiting_check', sql`(${table.state} = 'waiting') = (${table.nextAttemptAt} is not null) and (${table.state} = 'waiting') = (${table.endedAt} is null)`),
])

/** Each try, written before it begins, with what the mail server answered. */
export const mailAttempts = pgTable('mail_attempts', {
  mailId: uuid('mail_id').notNull().references(() => mails.id, { onDelete: 'cascade' }),
  number: integer('number').notNull(),
  beganAt: instant('began_at').notNull(),
  endedAt: instant('ended_at'),
  /** `cut`: whoever tried it was gone before the end, so nobody knows whether it left. */
  outcome: text('outcome', {
    enum: ['sent', 'later', 'refused', 'cut'],
  }),
  reply: text('reply'),
}, table => [
  primaryKey({
    columns: [table.mailId, table.number],
  }),
  index('mail_attempts_began_at_index').on(table.beganAt),
  check('mail_attempts_outcome_check', sql`${table.outcome} in ('sent', 'later', 'refused', 'cut')`),
  check('mail_attempts_ended_at_check', sql`(${table.outcome} is null) = (${table.endedAt} is null)`),
])

/** Addresses that a mail server said do not exist: nothing is sent there until an operator lifts it. */
export const mailSuppressions = pgTable('mail_suppressions', {
  addressKey: text('address_key').primaryKey(),
  reply: text('reply').notNull(),
  mailId: uuid('mail_id').references(() => mails.id, { onDelete: 'set null' }),
  createdAt: instant('created_at').notNull(),
}, table => [
  index('mail_suppressions_mail_id_index').on(table.mailId),
])
