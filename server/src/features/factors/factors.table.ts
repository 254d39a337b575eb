import type { AnyColumn } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { bigint, boolean, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'

/** The authenticator app of a person, of which they have one at most: a second factor from when a code of it was shown (`confirmed_at`). */
export const totpFactors = pgTable('totp_factors', {
  id: id(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  /** Encrypted with a key made of the instance's. */
  secret: binary('secret').notNull(),
  createdAt: instant('created_at').notNull(),
  confirmedAt: instant('confirmed_at'),
  /** Of the last code that was taken (RFC 6238): none of it or before it is taken again. */
  lastStep: bigint('last_step', { mode: 'number' }),
  lastUsedAt: instant('last_used_at'),
}, table => [
  uniqueIndex('totp_factors_user_id_unique').on(table.userId),
])

/** Codes for whoever has lost their second factor, each good once. */
export const recoveryCodes = pgTable('recovery_codes', {
  id: id(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  codeHash: binary('code_hash').notNull(),
  createdAt: instant('created_at').notNull(),
  usedAt: instant('used_at'),
}, table => [
  index('recovery_codes_user_id_index').on(table.userId),
])

/** Keys that a browser, a phone or a security key holds for a person (WebAuthn). */
export const passkeys = pgTable('passkeys', {
  id: id(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  /** As the authenticator calls it, base64url. */
  credentialId: text('credential_id').notNull(),
  publicKey: binary('public_key').notNull(),
  /** Of uses, by those authenticators that count; a lower one than before is a copy's. */
  counter: bigint('counter', { mode: 'number' }).notNull(),
  transports: text('transports').array().notNull(),
  name: text('name').notNull(),
  /** It lives on when its device is lost. */
  isBackedUp: boolean('is_backed_up').notNull(),
  createdAt: instant('created_at').notNull(),
  lastUsedAt: instant('last_used_at'),
}, table => [
  uniqueIndex('passkeys_credential_id_unique').on(table.credentialId),
  index('passkeys_user_id_index').on(table.userId),
])

/** What an authenticator was asked to sign, each good once and for one thing; without a person: it says who it is. */
export const passkeyChallenges = pgTable('passkey_challenges', {
  challenge: text('challenge').primaryKey(),
  purpose: text('purpose').$type<'add' | 'prove'>().notNull(),
  userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
  expiresAt: instant('expires_at').notNull(),
}, table => [
  index('passkey_challenges_user_id_index').on(table.userId),
  index('passkey_challenges_expires_at_index').on(table.expiresAt),
])

/** Whether a person has a second factor, for statements that name them. */
export const hasFactor = (userId: AnyColumn) => sql<boolean>`(
  exists(select from totp_factors where totp_factors.user_id = ${userId} and totp_factors.confirmed_at is not null)
  or exists(select from passkeys where passkeys.user_id = ${userId})
)`
