import type { Finding } from '../../../api/generated/types.gen.ts'
import { useI18n } from 'vue-i18n'
import { useFormat } from '../../../composables/useFormat.ts'

/** A finding as a sentence in the reader's language; of a server that knows more than this page, in the server's own words. */
export function useFindingWords() {
  const { t, te } = useI18n()
  const format = useFormat()
  /** By the ends of their names, as the API says. */
  const inWords = (name: string, value: string | number) => {
    if (name.endsWith('Bytes')) return format.bytes(Number(value))
    return name.endsWith('At')
      ? format.dateTime(value)
      : String(value)
  }

  return ({ code, data, says }: Pick<Finding, 'code' | 'data' | 'says'>): string => te(`doctor.findings.${code}`, 'en')
    ? t(`doctor.findings.${code}`, Object.fromEntries(Object.entries(data).map(([name, value]) => [
        name,
        inWords(name, value),
      ])))
    : says
}
