import { dirname, join } from 'node:path'

/** Where a database is, as those who run it call it: without user and password. The embedded one lives in the data folder, and is reached by a socket there. */
export function describeDatabase({ databaseUrl, dataDir }: { databaseUrl: string, dataDir: string }): string {
  if (!URL.canParse(databaseUrl)) return 'of DATABASE_URL'
  const { host, pathname, searchParams } = new URL(databaseUrl)
  // As PostgreSQL's clients read it: the parameter wins.
  const place = searchParams.get('host') || host || 'localhost'
  return place.startsWith(join(dataDir, '/'))
    ? `embedded in ${dirname(place)}`
    : `${place}${pathname}`
}
