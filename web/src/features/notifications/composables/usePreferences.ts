import type { Me, NotificationPreferences } from '../../../api/generated/types.gen.ts'
import { useQuery, useQueryCache } from '@pinia/colada'
import { useI18n } from 'vue-i18n'
import { requestJson } from '../../../api/http.ts'
import { useNotify } from '../../../composables/useNotify.ts'
import { notificationsKey } from '../../../composables/useUnreadNotifications.ts'
import { useSessionStore } from '../../../stores/session.ts'
import { useFirstTimeZone } from './useNotifications.ts'

export const preferencesKey = [...notificationsKey, 'preferences']
export type PreferencesChange = Partial<Pick<NotificationPreferences, 'choices' | 'digestHour' | 'quietHours' | 'unsubscribed'>>

/** What a person wants to be told of, and how. What is chosen is saved at once, and shown before that. */
export function usePreferences() {
  useFirstTimeZone()
  const cache = useQueryCache()
  const notify = useNotify()
  const session = useSessionStore()
  const { t } = useI18n()
  const { data, error, refetch } = useQuery({
    key: preferencesKey,
    query: () => requestJson<NotificationPreferences>('GET', '/me/notification-preferences'),
  })

  async function save(change: PreferencesChange): Promise<void> {
    const before = data.value
    if (!before) return
    const { choices, digestHour, quietHours, unsubscribed } = {
      ...before,
      ...change,
    }
    cache.setQueryData(preferencesKey, {
      ...before,
      ...change,
    })
    try {
      cache.setQueryData(preferencesKey, await requestJson<NotificationPreferences>('PUT', '/me/notification-preferences', {
        choices,
        digestHour,
        quietHours,
        unsubscribed,
      }))
    }
    catch (problem) {
      cache.setQueryData(preferencesKey, before)
      notify.failed(problem)
    }
  }

  async function saveTimeZone(timeZone: string): Promise<void> {
    try {
      session.me = await requestJson<Me>('PATCH', '/me', { timeZone })
      notify.done(t('notifications.preferences.timeZoneSaved', { timeZone }))
    }
    catch (problem) {
      notify.failed(problem)
    }
  }

  return {
    preferences: data,
    error,
    refetch,
    save,
    saveTimeZone,
  }
}
