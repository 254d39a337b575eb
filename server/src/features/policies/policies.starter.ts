import type { Config } from '../../config/config.ts'
import type { Starter, StarterFacts, Starters, StarterSettings } from './policies.placeholders.ts'
import type { PolicyKind } from './policies.schemas.ts'
import { LINK_GRANT_COOKIE, LINK_GRANT_SECONDS } from '../../http/tokens.ts'
import { MAIL_KEPT_DAYS } from '../../mail/outbox.ts'
import { DEVICE_DAYS } from '../auth/known-devices.ts'
import { EMAIL_CODE_SECONDS } from '../auth/email-code.ts'
import { codeCookieName, cookieName, deviceCookieName } from '../auth/session.ts'
import { NOTIFICATIONS_KEPT_DAYS } from '../notifications/notification-rules.ts'
import { KEPT_DAYS } from '../requests/requests.policy.ts'
import { ENDED_SESSION_DAYS } from '../sessions/sessions.policy.ts'
import { NETWORKS_KEPT_DAYS } from '../watch/watch.policy.ts'
import { englishStarters } from './policies.starter.en.ts'

/** By language; a language is a file beside `policies.starter.en.ts` and a line here. */
const starters: Record<'en', Starters> = { en: englishStarters }

export function starterText(kind: PolicyKind, facts: StarterFacts, locale: keyof typeof starters = 'en'): Starter {
  return starters[locale][kind](facts)
}

export function starterFacts(settings: StarterSettings, config: Config): StarterFacts {
  return {
    ...settings,
    sessionCookie: cookieName(config),
    deviceCookie: deviceCookieName(config),
    deviceDays: DEVICE_DAYS,
    networkDays: NETWORKS_KEPT_DAYS,
    endedSessionDays: ENDED_SESSION_DAYS,
    codeCookie: codeCookieName(config),
    codeMinutes: EMAIL_CODE_SECONDS / 60,
    linkCookie: LINK_GRANT_COOKIE,
    linkMinutes: LINK_GRANT_SECONDS / 60,
    answeredRequestDays: KEPT_DAYS.answered,
    spamRequestDays: KEPT_DAYS.spam,
    mailDays: MAIL_KEPT_DAYS,
    notificationDays: NOTIFICATIONS_KEPT_DAYS,
  }
}
