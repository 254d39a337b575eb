import type { Config } from '../../config/config.ts'
import type { Kept } from '../retention/retention.service.ts'
import type { Starter, StarterFacts, Starters, StarterSettings } from './policies.placeholders.ts'
import type { PolicyKind } from './policies.schemas.ts'
import { LINK_GRANT_SECONDS } from '../../http/tokens.ts'
import { DEVICE_DAYS, deviceCookie, sessionCookie } from '../auth/auth.cookies.ts'
import { linkGrantCookie } from '../public-links/public-links.cookies.ts'
import { ENDED_SESSION_DAYS } from '../sessions/sessions.policy.ts'
import { englishStarters } from './policies.starter.en.ts'

/** By language; a language is a file beside `policies.starter.en.ts` and a line here. */
const starters: Record<'en', Starters> = { en: englishStarters }

export function starterText(kind: PolicyKind, facts: StarterFacts, locale: keyof typeof starters = 'en'): Starter {
  return starters[locale][kind](facts)
}

export function starterFacts(settings: StarterSettings, config: Config, kept: readonly Kept[]): StarterFacts {
  const daysOf = (name: string) => {
    const span = kept.find(({ kind }) => kind.name === name)?.span
    if (typeof span !== 'object' || !('days' in span)) throw new Error(`${name} is kept for no number of days`)
    return span.days
  }
  return {
    ...settings,
    sessionCookie: sessionCookie.name(config),
    deviceCookie: deviceCookie.name(config),
    deviceDays: DEVICE_DAYS,
    networkDays: daysOf('networks'),
    endedSessionDays: ENDED_SESSION_DAYS,
    linkCookie: linkGrantCookie.name(config),
    linkMinutes: LINK_GRANT_SECONDS / 60,
    answeredRequestDays: daysOf('requests'),
    spamRequestDays: daysOf('spam-requests'),
    mailDays: daysOf('mails'),
    notificationDays: daysOf('notifications'),
  }
}
