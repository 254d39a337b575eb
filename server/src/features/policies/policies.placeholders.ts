import type { Config } from '../../config/config.ts'
import type { policyKinds } from './policies.policy.ts'

/** A title and a sentence above a text. */
export interface Highlight { title: string, sentence: string }
/** What a policy begins with. What is true of this deployment alone stands in it as a directive (`facts/live-fact.ts`). */
export interface Starter { title: string, markdown: string, highlights: Highlight[] }
/** Of one language: hosted for others or by oneself, which differ in whom a text covers. */
export type Starters = Record<typeof policyKinds[number], (mode: Config['deployment']) => Starter>

/** Something that only the operator can say. A text that still contains one is not published. */
export const placeholder = (text: string) => `[[TO DO: ${text}]]`

export function placeholdersIn(markdown: string): string[] {
  // Also one whose end was lost while editing.
  return [
    ...markdown.matchAll(/\[\[TO DO:([^\]\n]*)/g),
  ].map(([, text]) => text!.trim())
}
