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
    reason: code => word(code, `audit.reasons.${code}`, `audit.codes.${code}`),
    code: code => word(code, `audit.codes.${code}`),
    some: (first, more) => t('audit.andMore', { first, count: more }),
    list: words => new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(words),
    change: (from, to) => t('audit.change', { from, to }),
    flag: value => t(value
      ? 'audit.yes'
      : 'audit.no'),
    get nothing() { return t('audit.nothing') },
    get never() { return t('audit.never') },
    get unlimited() { return t('audit.unlimited') },
  }
}
