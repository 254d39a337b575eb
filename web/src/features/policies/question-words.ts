import type { PolicyFacts } from '../../api/generated/types.gen.ts'

export type PolicyAnswers = PolicyFacts['answers']
export type PolicyQuestion = PolicyFacts['questions'][number]
export type QuestionName = PolicyQuestion['name']

/** A vendor while it is written. */
export interface VendorRow { id: number, name: string, purpose: string, place: string, data: string, url: string }

/** What texts can be begun in. */
export const starterLanguages = ['en', 'de', 'fr', 'es'] as const
export type StarterLanguage = typeof starterLanguages[number]

/** The kinds that have a starter of their own, in the order in which they are offered. */
export const starterKinds = [
  'privacy',
  'terms',
  'cookies',
  'acceptable-use',
  'imprint',
  'subprocessors',
] as const
export type StarterKind = typeof starterKinds[number]

type Say = (key: string, named?: Record<string, unknown> | number) => string

/** An answer on one line; empty while there is none. */
export function answerInShort(name: QuestionName, answers: PolicyAnswers, say: Say): string {
  switch (name) {
    case 'organisation': return answers.organisation ?? ''
    case 'address': return answers.address?.split(/\r?\n/).map(line => line.trim()).filter(Boolean).join(', ') ?? ''
    case 'mode': return say(`policies.questions.mode.${answers.mode}`)
    case 'contact': return answers.contact
      ? answers.contact.email ?? say('policies.questions.contact.form')
      : ''
    case 'vendors': return answers.vendors
      ? answers.vendors.map(vendor => vendor.name).join(', ') || say('policies.questions.vendors.none')
      : ''
    case 'analytics': return answers.analytics === 'off'
      ? say('policies.questions.analytics.off')
      : say('policies.questions.analytics.on', answers.analytics)
    case 'backups': return answers.backups
      ? [
          say('policies.questions.backups.short', answers.backups.days),
          answers.backups.place,
        ].filter(Boolean).join(', ')
      : ''
    case 'plans': return answers.plans
      ? answers.plans.processor ?? say('policies.questions.plans.none')
      : ''
    default: return answers[name] ?? ''
  }
}

/** Which of these texts were not there before: those that an answer has changed. */
export function changedTexts(before: readonly string[], now: readonly string[]): number[] {
  const left = new Map<string, number>()
  for (const text of before) left.set(text, (left.get(text) ?? 0) + 1)
  return now.flatMap((text, index) => {
    const count = left.get(text) ?? 0
    left.set(text, count - 1)
    return count > 0
      ? []
      : [index]
  })
}
