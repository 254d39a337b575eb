import type { LocationQuery } from 'vue-router'
import { chosenLanguage } from '../../../locales/index.ts'

/** The language that an address asks for, else the one that the reader has chosen for the pages. */
export function wantedLanguage({ language }: LocationQuery): string | undefined {
  return typeof language === 'string' && /^[a-z]{2,3}$/.test(language)
    ? language
    : chosenLanguage()
}

/** Below `/api/v1`: what a page's address shows, in that language. The API has policies at the same addresses, below `/public`. */
export function policyPath(address: string, language?: string): string {
  const path = `/public${address.replace(/\/$/, '')}`
  return language === undefined
    ? path
    : `${path}?language=${language}`
}
