import { sql } from 'drizzle-orm'
import { asks } from '../../db/some-of.ts'
import { fileUploaded, fileVersionAdded, fileVersionRestored, linkDownloaded } from './audit.actions.ts'

export const linksCountedWrong = asks<{ link: string, workspace: string, counted: string, found: string }>(sql`
  select coalesce(links.title, links.id::text) as link, workspaces.name as workspace, download_count as counted, coalesce(told.count, 0) as found
  from links join workspaces on workspaces.id = links.workspace_id left join (
    select chain_id, subject_id, count(*) as count from audit_events where action = ${linkDownloaded.action} group by chain_id, subject_id
  ) as told on told.chain_id = links.workspace_id and told.subject_id = links.id
  where download_count <> coalesce(told.count, 0)`)

export const filesToldWrong = asks<{ file: string, workspace: string, found: string, told: string }>(sql`
  select items.name as file, workspaces.name as workspace, there.count as found, coalesce(told.count, 0) as told
  from (select item_id, count(*) as count from file_versions group by item_id) as there
  join items on items.id = there.item_id join workspaces on workspaces.id = items.workspace_id
  left join (
    select chain_id, subject_id, count(*) as count from audit_events where action in (${fileUploaded.action}, ${fileVersionAdded.action}, ${fileVersionRestored.action}) group by chain_id, subject_id
  ) as told on told.chain_id = items.workspace_id and told.subject_id = items.id
  where there.count <> coalesce(told.count, 0)`)

/** What the reader has counted for each owner is what stands up to its place, each event once. */
export const ownersToldWrong = asks<{ name: string, workspace: string, counted: string, found: string }>(sql`
  select users.name, workspaces.name as workspace, coalesce(own.count, 0) as counted, told.count as found
  from audit_readers as reader join members on members.workspace_id = reader.chain_id and members.role = 'owner'
  join users on users.id = members.user_id join workspaces on workspaces.id = members.workspace_id
  left join unseen_activity as own on own.member_id = members.id,
  lateral (
    select count(*) as count from audit_events
    where chain_id = members.workspace_id and seq > coalesce(own.seen_seq, 0) and seq <= reader.seq and actor_id is distinct from members.user_id
  ) as told
  where reader.reader = 'unseen-activity' and coalesce(own.count, 0) <> told.count`)
