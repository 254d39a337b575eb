import type { PolicyVersionSummary } from '../../../api/generated/types.gen.ts'

import { serverNow } from '../../../api/server-time.ts'

/** `skipped`: a later version came into force before it. `ended`: the policy is withdrawn. */
export type VersionState = 'current' | 'upcoming' | 'earlier' | 'skipped' | 'ended'

/**
 * Where each version stands on a day. The server's rule: in effect is the newest of those whose day has come.
 * @param today YYYY-MM-DD, UTC
 * @param withdrawn no version is in effect any more
 */
export function versionStates(versions: readonly Pick<PolicyVersionSummary, 'number' | 'effectiveOn'>[], today: string, withdrawn = false): Map<number, VersionState> {
  const begun = versions.filter(version => version.effectiveOn <= today).map(version => version.number)
  const current = Math.max(0, ...begun)
  return new Map(versions.map(({ number, effectiveOn }) => [
    number,
    withdrawn
      ? 'ended'
      : number === current
        ? 'current'
        : effectiveOn > today
          ? number > current
            ? 'upcoming'
            : 'skipped'
          : 'earlier',
  ]))
}

export const utcToday = (now = serverNow()): string => now.toISOString().slice(0, 10)
