import type { Config } from '../../config/config.ts'
import type { AnalyticsConfig } from '../analytics/analytics.policy.ts'
import type { InstanceSettings } from '../instance/instance.schemas.ts'
import type { BackupsAnswer, PlansAnswer, PolicyAnswers, PolicyFacts, Vendor } from './policy-answers.schemas.ts'
import { analyticsOf, analyticsTools } from '../analytics/analytics.policy.ts'
import { policyQuestions } from './policy-answers.schemas.ts'

/** What is kept of the answers. */
export interface KeptAnswers {
  contactByForm: boolean
  vendors: Vendor[] | null
  backups: BackupsAnswer | null
  plans: PlansAnswer | null
  jurisdiction: string | null
  authority: string | null
}

export type AnswerSettings = Pick<InstanceSettings, 'organisation' | 'postalAddress' | 'contactEmail'>
export type AnswerConfig = Pick<Config, 'deployment' | 'backupTo' | 'backupS3Endpoint' | 'backupKeepDaily' | 'backupKeepWeekly' | 'backupKeepMonthly'> & AnalyticsConfig

export const noAnswers: KeptAnswers = {
  contactByForm: false,
  vendors: null,
  backups: null,
  plans: null,
  jurisdiction: null,
  authority: null,
}

/** The backups that this server makes itself, if it does. A folder has no name that readers would know. */
function ownBackups(config: AnswerConfig): BackupsAnswer | null {
  if (config.backupTo === undefined) return null
  return {
    days: Math.max(1, config.backupKeepDaily, config.backupKeepWeekly * 7, config.backupKeepMonthly * 31),
    place: config.backupTo === 's3'
      ? URL.parse(config.backupS3Endpoint ?? '')?.host ?? ''
      : '',
  }
}

/** Who counts visits, if anybody does: what, and the name of its server. */
function countedBy(config: AnalyticsConfig): PolicyAnswers['analytics'] {
  const analytics = analyticsOf(config)
  return analytics
    ? { tool: analyticsTools[analytics.tool].name, host: new URL(analytics.address).host }
    : 'off'
}

/** All ten, as they hold now. */
export function answersOf(settings: AnswerSettings, kept: KeptAnswers, config: AnswerConfig): PolicyAnswers {
  const email = settings.contactEmail
  return {
    organisation: settings.organisation.trim() || null,
    address: settings.postalAddress.trim() || null,
    mode: config.deployment,
    contact: email
      ? { by: 'address', email }
      : kept.contactByForm
        ? { by: 'form' }
        : null,
    vendors: kept.vendors,
    analytics: countedBy(config),
    backups: kept.backups ?? ownBackups(config),
    plans: kept.plans,
    jurisdiction: kept.jurisdiction,
    authority: kept.authority,
  }
}

/** Where each answer stands, and where it comes from. */
export function questionsOf(answers: PolicyAnswers, kept: KeptAnswers): PolicyFacts['questions'] {
  return policyQuestions.map((name) => {
    if (name === 'mode') return { name, state: 'known', source: 'DEPLOYMENT' }
    if (name === 'analytics') return { name, state: 'known', source: 'ANALYTICS' }
    if (name === 'backups' && answers.backups && !kept.backups) return { name, state: 'known', source: 'BACKUP_TO' }
    return {
      name,
      state: answers[name] === null
        ? 'open'
        : 'answered',
      source: name === 'organisation' || name === 'address' || (name === 'contact' && answers.contact?.by !== 'form')
        ? 'instance'
        : 'answers',
    }
  })
}

/** The address of a vendor as it is kept: of the web, and nothing that signs somebody in. Undefined for any other. */
export function webAddress(text: string): string | undefined {
  const url = URL.parse(text)
  return url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
    ? url.href
    : undefined
}
