import type { TestApp } from './test-app.ts'
import { retentionJobs } from '../src/features/retention/retention.jobs.ts'

/** Deletes all that is due, as the night and the hour do. */
export async function purgeDue({ deps }: Pick<TestApp, 'deps'>): Promise<void> {
  for (const { handle } of retentionJobs(deps)) {
    await handle({}, {
      signal: new AbortController().signal,
    })
  }
}
