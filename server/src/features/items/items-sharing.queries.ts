import type { SQL } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
import { linkItems, links, withinLimits } from '../links/links.table.ts'
import { items } from './items.table.ts'

/** The open links to one item. `offset 0` has them looked up by the index, for each item, whatever PostgreSQL guesses of how many there are. */
const openLinksTo = (id: SQL): SQL => sql`lateral (
  select ${linkItems.linkId} as link_id from ${linkItems} join ${links} on ${links.id} = ${linkItems.linkId}
  where ${linkItems.itemId} = ${id} and ${withinLimits(sql.placeholder('now'))} offset 0
) open`

/**
 * A part of a statement with the placeholder `now`: for each item wanted, `item_id`, the open links that name it (`link_count`) and the others that
 * name a folder above it (`inherited_link_count`). The way up is walked once for each folder that any of them lies in, which for a listing is one,
 * and its links are counted once. What lies in the trash is on nobody's way: below it nothing is seen.
 */
export const sharing = (wanted: (id: AnyPgColumn) => SQL): SQL => sql`(
  with wanted as (
    select ${items.id} as id, ${items.parentId} as parent_id from ${items} where ${wanted(items.id)}
  ), above as (
    select distinct place.id as place, open.link_id
    from (select distinct parent_id as id from wanted) place cross join lateral (
      with recursive up as (
        select folder.id, folder.parent_id, folder.trashed_at, 0 as height from ${items} folder where folder.id = place.id
        union all
        select folder.id, folder.parent_id, folder.trashed_at, up.height + 1 from up join ${items} folder on folder.id = up.parent_id
      )
      select up.id, bool_and(up.trashed_at is null) over (order by up.height desc) as alive from up
    ) standing cross join ${openLinksTo(sql`standing.id`)}
    where standing.alive
  ), inherited as (
    select place, count(*) as link_count from above group by place
  ), own as (
    select wanted.id, count(*) as link_count, count(above.link_id) as named_above
    from wanted cross join ${openLinksTo(sql`wanted.id`)} left join above on above.place = wanted.parent_id and above.link_id = open.link_id
    group by wanted.id
  )
  select wanted.id as item_id, coalesce(own.link_count, 0) as link_count, coalesce(inherited.link_count, 0) - coalesce(own.named_above, 0) as inherited_link_count
  from wanted left join own on own.id = wanted.id left join inherited on inherited.place = wanted.parent_id
)`
