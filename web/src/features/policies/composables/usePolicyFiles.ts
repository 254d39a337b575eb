import { useQuery } from '@pinia/colada'
import { computed } from 'vue'
import { getPolicyFiles } from '../../../api/generated/sdk/policy.gen.ts'
import { policyKeys } from './usePolicyDraft.ts'

/** What the files on the server came to; nothing where there is no folder for them. */
export function usePolicyFiles() {
  const { data } = useQuery({
    key: policyKeys.files,
    query: async ({ signal }) => (await getPolicyFiles({ signal })).data,
  })
  return {
    state: computed(() => data.value?.folder == null
      ? undefined
      : data.value),
    /** The names of a page's files. */
    filesOf: (slug: string) => (data.value?.files ?? []).filter(file => file.slug === slug).map(({ file }) => file),
  }
}
