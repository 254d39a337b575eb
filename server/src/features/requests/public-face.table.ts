import type { MailLanguage } from '../../mail/define-mail.ts'
import { sql } from 'drizzle-orm'
import { boolean, check, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '../../db/columns.ts'

export interface FaceText { claim: string, intro: string, points: { title: string, text: string }[] }

/** What people without a session see of the deployment at `/`: one row. */
export const publicFace = pgTable('public_face', {
  singleton: boolean('singleton').primaryKey().default(true),
  /** `auto`: as DEPLOYMENT says. */
  home: text('home', {
    enum: ['auto', 'shown', 'hidden'],
  }).notNull().default('auto'),
  texts: jsonb('texts').$type<Partial<Record<MailLanguage, FaceText>>>().notNull(),
  links: jsonb('links').$type<{ label: string, url: string }[]>().notNull(),
  updatedAt: instant('updated_at').notNull(),
}, table => [
  check('public_face_singleton_check', sql`${table.singleton}`),
  check('public_face_home_check', sql`${table.home} in ('auto', 'shown', 'hidden')`),
])
