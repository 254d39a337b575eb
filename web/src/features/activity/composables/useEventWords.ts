import type { FactWords } from '../event-facts.ts'
import { useI18n } from 'vue-i18n'

/** Puts the codes of events into the reader's words; a code without one stands for itself. */
export function useEventWords(): FactWords {
  const { t, te, locale } = useI18n()
  const word = (code: string, ...keys: string[]) => {
    const key = keys.find(each => te(each) || te(each, 'en'))
    return key
      ? t(key)
      : code
  }

  return {
    role: code => word(code, `workspaces.roles.${code}`),
    spaceRole: code => code
      ? word(code, `members.spaceRoles.${code}.name`)
      : t('members.noAccess'),
    reason: code => word(code, `activity.reasons.${code}`, `activity.codes.${code}`),
    code: code => word(code, `activity.codes.${code}`),
    some: (first, more) => t('activity.andMore', { first, count: more }),
    list: words => new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(words),
    change: (from, to) => t('activity.change', { from, to }),
    flag: value => t(value
      ? 'activity.yes'
      : 'activity.no'),
    get nothing() { return t('activity.nothing') },
    get never() { return t('activity.never') },
    get unlimited() { return t('activity.unlimited') },
  }
}
