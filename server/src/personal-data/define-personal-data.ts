import type { FactLanguage } from '../facts/live-fact.ts'

type Words = Record<FactLanguage, string>

/** What policy texts sort it by. */
export const dataCategories = [
  'account',
  'files',
  'technical',
  'messages',
] as const
export type DataCategory = typeof dataCategories[number]

/** What ends it when its age does not: see the facts of it. */
export const dataRules = [
  'account',
  'workspace',
  'person',
  'deployment',
] as const
export type DataRule = typeof dataRules[number]

/** Data about people that belongs together. */
export interface PersonalData {
  name: string
  category: DataCategory
  /** Which data. */
  what: Words
  why: Words
  /** A kind of `retention-kinds.ts`, or a rule. */
  ends: string
  /** Where it is, columns by table. */
  columns: Record<string, readonly string[]>
}
