import type { AnyColumn } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { boolean, check, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { binary, id, instant } from '../../db/columns.ts'
import { users } from '../users/users.table.ts'
import { workspaces } from '../workspaces/workspaces.table.ts'

/** Whose word for who somebody is counts here (OpenID Connect). */
export const oidcProviders = pgTable('oidc_providers', {
  id: id(),
  /** Null: the deployment's own. One of a workspace is asked at public addresses alone, for no operator vouches for it. */
  workspaceId: uuid('workspace_id').references(() => workspaces.id),
  /** In its addresses, so it never changes: the provider knows the address that it sends people back to. */
  slug: text('slug').notNull(),
  name: text('name').notNull(),
  issuer: text('issuer').notNull(),
  clientId: text('client_id').notNull(),
  /** Encrypted with a key made of the instance's; null: a public client. */
  clientSecret: binary('client_secret'),
  scopes: text('scopes').notNull().default('openid email profile'),
  isEnabled: boolean('is_enabled').notNull().default(true),
  /** Of which it may say that somebody reads mail there; in their ASCII form. */
  trustedDomains: text('trusted_domains').array().notNull().default([]),
  /** Where newcomers with a proved address become members. */
  joinWorkspaceId: uuid('join_workspace_id').references(() => workspaces.id),
  joinRole: text('join_role', {
    enum: ['admin', 'staff'],
  }).notNull().default('staff'),
  /** The claim that says a member's role in that workspace, with dots for what lies deeper; and which of its values says which. */
  roleClaim: text('role_claim'),
  roleMap: jsonb('role_map').$type<{ value: string, role: 'admin' | 'staff' }[]>().notNull().default([]),
  /** Who said so last. As with an invitation, the roles are given by their right: they go no further than it. */
  rolesGivenBy: uuid('roles_given_by').references(() => users.id, { onDelete: 'set null' }),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
}, table => [
  uniqueIndex('oidc_providers_slug_unique').on(table.slug),
  check('oidc_providers_join_role_check', sql`${table.joinRole} in ('admin', 'staff')`),
])

/**
 * Whether a provider's word counts for a person, for statements that name both. The deployment's own speaks for everybody. Who runs a workspace's could make it say that somebody is
 * anybody: so it speaks for the admins and the staff of that workspace who are nothing else here. Whoever owns it, belongs to another too or operates the server signs in otherwise.
 */
export const vouchesFor = (providerId: AnyColumn, userId: AnyColumn) => sql<boolean>`exists(
  select from oidc_providers voucher
  where voucher.id = ${providerId} and (voucher.workspace_id is null or (
    exists(select from members seat where seat.user_id = ${userId} and seat.workspace_id = voucher.workspace_id and seat.role in ('admin', 'staff'))
    and not exists(select from members seat where seat.user_id = ${userId} and seat.workspace_id <> voucher.workspace_id)
    and not exists(select from users operator where operator.id = ${userId} and operator.is_operator)
  ))
)`
