import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useFormat } from '../../../composables/useFormat.ts'
import { useUploads } from './useUploads.ts'

/** What the tray says in one line, and what somebody who does not see it hears: less often. */
export function useTrayWords() {
  const { t } = useI18n()
  const format = useFormat()
  const uploads = useUploads()

  const headline = computed(() => {
    const { active, paused, attention, done, total, skipped } = uploads.summary
    if (active > 0 && !uploads.online) return t('uploads.offline')
    if (active > 0) return t('uploads.uploading', { done, total: total - skipped })
    if (attention > 0) return t('uploads.attention', attention)
    if (paused > 0) return t('uploads.pausedCount', paused)
    return t('uploads.uploaded', done)
  })

  /** “61% · 48 MB/s · 12 sec left” */
  const facts = computed(() => {
    const { active, attention, ratio, speed, left } = uploads.summary
    if (active === 0 || !uploads.online) return []
    return [
      format.percent(Math.floor(ratio * 100) / 100),
      ...(speed
        ? [
            format.speed(speed),
          ]
        : []),
      ...(left !== null && left > 0
        ? [
            t('uploads.left', {
              time: format.duration(left),
            }),
          ]
        : []),
      ...(attention > 0
        ? [
            t('uploads.attention', attention),
          ]
        : []),
    ]
  })

  const announcement = computed(() => {
    const { active, total, ratio } = uploads.summary
    if (total === 0) return ''
    // Every quarter, not every byte.
    return active > 0
      ? `${headline.value}, ${format.percent(Math.floor(ratio * 4) / 4)}`
      : headline.value
  })

  return computed(() => ({
    headline: headline.value,
    facts: facts.value,
    announcement: announcement.value,
  }))
}
