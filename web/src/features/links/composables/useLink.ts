import type { MaybeRefOrGetter } from 'vue'
import { useQuery } from '@pinia/colada'
import { toValue } from 'vue'
import { getLink } from '../../../api/generated/sdk/links.gen.ts'
import { linkKeys } from '../../../api/query-keys.ts'

export function useLink(workspaceId: MaybeRefOrGetter<string | undefined>, linkId: MaybeRefOrGetter<string>) {
  const { data, error, refetch } = useQuery(() => {
    const path = {
      workspaceId: toValue(workspaceId) ?? '',
      linkId: toValue(linkId),
    }
    return {
      key: linkKeys.detail(path.workspaceId, path.linkId),
      enabled: path.workspaceId !== '',
      query: async ({ signal }) => (await getLink({ path, signal })).data,
    }
  })
  return { link: data, error, refetch }
}
