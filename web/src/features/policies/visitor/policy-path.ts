import type { LocationQuery } from 'vue-router'
import { chosenLanguage } from '../../../locales/index.ts'

/** The language that an address asks for, else the one that the reader has chosen for the pages. */
export function wantedLanguage({ language }: LocationQuery): string | undefined {
  return typeof language === 'string' && /^[a-z]{2,3}$/.test(language)
    ? language
    : chosenLanguage()
}

/** A policy in an address: of the workspace with that slug, or of the deployment. */
export interface PolicyAddress { slug: string, workspaceSlug?: string, number?: string }

/** Below `/api/v1`: a published policy, the version in effect or the one of that number. */
export function policyPath({ slug, workspaceSlug, number }: PolicyAddress, language?: string): string {
  const owned = workspaceSlug === undefined
    ? 'policies'
    : `workspace-policies/${encodeURIComponent(workspaceSlug)}`
  const path = `/public/${owned}/${encodeURIComponent(slug)}${number === undefined
    ? ''
    : `/versions/${number}`}`
  return language === undefined
    ? path
    : `${path}?language=${language}`
}
