import type { Link } from '../../../api/generated/types.gen.ts'
import { useOverlay } from '@nuxt/ui/composables'
import { useI18n } from 'vue-i18n'
import { revokeLink } from '../../../api/generated/sdk/links.gen.ts'
import { useConfirm } from '../../../composables/useConfirm.ts'
import { useNotify } from '../../../composables/useNotify.ts'
import { lazy } from '../../../utils/lazy.ts'
import { linkName } from '../link-name.ts'
import { useLinkRefresh } from './useLinkRefresh.ts'

const EditLinkDialog = lazy(() => import('../components/EditLinkDialog.vue'))
const QrDialog = lazy(() => import('../components/QrDialog.vue'))

/** What can be done with a link, wherever it is shown. */
export function useLinkActions() {
  const { t } = useI18n()
  const overlay = useOverlay()
  const confirm = useConfirm()
  const notify = useNotify()
  const refresh = useLinkRefresh()

  async function revoke(workspaceId: string, link: Link) {
    const sure = await confirm({
      title: t('links.revokeTitle', {
        name: linkName(link),
      }),
      description: t('links.revokeWhy'),
      items: link.items.map(({ name }) => name),
      confirm: t('links.revoke'),
      destructive: true,
    })
    if (!sure) return
    try {
      await revokeLink({
        path: { workspaceId, linkId: link.id },
      })
      notify.done(t('links.revoked', {
        name: linkName(link),
      }))
      await refresh(workspaceId)
    }
    catch (error) {
      notify.failed(error)
    }
  }

  return {
    revoke,
    edit: (workspaceId: string, link: Link) => void overlay.create(EditLinkDialog, { destroyOnClose: true }).open({ workspaceId, link }),
    showQr: (link: Pick<Link, 'url' | 'name'>) => link.url && void overlay.create(QrDialog, { destroyOnClose: true }).open({
      url: link.url,
      name: linkName(link),
    }),
  }
}
