import type { Executor } from '../../db/database.ts'
import { lt, sql } from 'drizzle-orm'
import { deleteBatch } from '../../db/delete-batch.ts'
import { emailChanges } from './email-changes.table.ts'
import { passwordResets } from './password-resets.table.ts'

export const deleteExpiredResets = (tx: Executor, now: Date): Promise<boolean> =>
  deleteBatch(tx, passwordResets, lt(passwordResets.expiresAt, now))

export const deleteEndedChanges = (tx: Executor, now: Date): Promise<boolean> =>
  deleteBatch(tx, emailChanges, lt(sql`coalesce(${emailChanges.undoUntil}, ${emailChanges.expiresAt})`, now.toISOString()))
