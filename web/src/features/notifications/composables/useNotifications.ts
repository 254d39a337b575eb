import type { MaybeRefOrGetter } from 'vue'
import type { Me, Notification, NotificationPreferences } from '../../../api/generated/types.gen.ts'
import type { NotificationType } from '../notification-words.ts'
import { useInfiniteQuery, useQueryCache } from '@pinia/colada'
import { computed, toValue, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { listNotifications } from '../../../api/generated/sdk/notifications.gen.ts'
import { requestJson } from '../../../api/http.ts'
import { useNotify } from '../../../composables/useNotify.ts'
import { notificationsKey } from '../../../composables/useUnreadNotifications.ts'
import { useSessionStore } from '../../../stores/session.ts'
import { loadNextPage, nextCursor, reloadQueries } from '../../../utils/reload-queries.ts'

export interface NotificationFilters { unread?: true, type?: NotificationType, workspaceId?: string }

/** The first browser in which somebody looks at their news says in which time zone they are, for mails that come at their hour: not before, for the first load is full. */
export function useFirstTimeZone() {
  const session = useSessionStore()
  watch(() => session.me?.timeZone, (timeZone) => {
    if (timeZone !== null) return
    // What fails is said again by the next page.
    void requestJson<Me>('PATCH', '/me', { timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone })
      .then((me) => { session.me = me }, () => {})
  }, { immediate: true })
}

/** News, newest first, page after page. */
export function useNotifications(filters: MaybeRefOrGetter<NotificationFilters>, limit: number) {
  useFirstTimeZone()
  const query = useInfiniteQuery(() => {
    const wanted = {
      ...toValue(filters),
      limit,
    }
    return {
      key: [...notificationsKey, 'list', wanted],
      initialPageParam: '',
      query: async ({ pageParam, signal }) => (await listNotifications({
        query: { ...wanted, cursor: pageParam || undefined },
        signal,
      })).data,
      getNextPageParam: nextCursor,
    }
  })
  return {
    items: computed(() => query.data.value?.pages.flatMap(page => page.items) ?? []),
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    loadMore: () => loadNextPage(query),
  }
}

/** What a person does with news. Nothing here throws: what fails is said. Without the generated client's functions, which the first load brings. */
export function useNotificationActions() {
  const cache = useQueryCache()
  const notify = useNotify()
  const { t } = useI18n()

  async function act(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
    }
    catch (error) {
      notify.failed(error)
      return false
    }
    await reloadQueries(cache, notificationsKey)
    return true
  }

  /** Of one type in one workspace, or of the instance. */
  const setMuted = ({ type, workspace }: Notification, isMuted: boolean) => act(async () => {
    const { choices, digestHour, quietHours, unsubscribed } = await requestJson<NotificationPreferences>('GET', '/me/notification-preferences')
    const workspaceId = workspace?.id ?? null
    await requestJson('PUT', '/me/notification-preferences', {
      digestHour,
      quietHours,
      unsubscribed,
      choices: [
        ...choices.filter(choice => choice.type !== type || choice.workspaceId !== workspaceId),
        ...isMuted
          ? [
              { type, workspaceId, channel: 'off' },
            ]
          : [],
      ],
    })
  })

  return {
    setRead: ({ id }: Notification, isRead: boolean) => act(() => requestJson('POST', isRead
      ? '/me/notifications/read'
      : '/me/notifications/unread', {
      ids: [id],
    })),
    readAll: () => act(() => requestJson('POST', '/me/notifications/read', { all: true })),
    async mute(notification: Notification) {
      const { type, workspace } = notification
      if (!await setMuted(notification, true)) return
      notify.done(workspace
        ? t('notifications.muted', {
            type: t(`notifications.types.${type}`),
            workspace: workspace.name,
          })
        : t('notifications.mutedAlone', {
            type: t(`notifications.types.${type}`),
          }), {
        undo: () => void setMuted(notification, false),
      })
    },
  }
}
