import type { Link } from '../../../api/generated/types.gen.ts'
import { useI18n } from 'vue-i18n'
import { useFormat } from '../../../composables/useFormat.ts'

/** How a link was used and what bounds it, in words. */
export function useLinkFacts() {
  const { t } = useI18n()
  const format = useFormat()

  const opens = ({ openCount, lastOpenedAt }: Link) => lastOpenedAt
    ? t('links.opensLast', {
        opens: t('links.opens', openCount),
        when: format.relative(lastOpenedAt),
      })
    : t('links.opens', openCount)
  const downloads = ({ downloadCount, maxDownloads }: Link) => maxDownloads === null
    ? t('links.downloads', downloadCount)
    : t('links.downloadsOf', { count: downloadCount, max: maxDownloads })

  return {
    opens,
    downloads,
    /** In one line. `own`: how often the file that it is about was downloaded by it; a link counts what it was used for, which may be other files. */
    line: (link: Link, own?: number) => [
      opens(link),
      ...own === undefined
        ? [
            downloads(link),
          ]
        : [
            t('links.ownDownloads', own),
            ...link.maxDownloads === null
              ? []
              : [
                  downloads(link),
                ],
          ],
      ...link.expiresAt
        ? [
            t('links.until', {
              date: format.date(link.expiresAt),
            }),
          ]
        : [],
    ].join(' · '),
  }
}
