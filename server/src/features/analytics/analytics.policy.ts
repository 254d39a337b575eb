import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from '../../config/config.ts'

export type AnalyticsConfig = Pick<Config, 'analytics' | 'analyticsUrl' | 'analyticsSite'>
export type AnalyticsTool = NonNullable<Config['analytics']>

export const analyticsTools: Record<AnalyticsTool, { name: string, endpoint: string }> = {
  // https://plausible.io/docs/events-api
  plausible: { name: 'Plausible', endpoint: 'api/event' },
  // https://developer.matomo.org/api-reference/tracking-api
  matomo: { name: 'Matomo', endpoint: 'matomo.php' },
  // https://docs.umami.is/docs/api/sending-stats
  umami: { name: 'Umami', endpoint: 'api/send' },
}

/** Where a page tells of a visit, and how that server calls this deployment; null: nobody counts. */
export function analyticsOf({ analytics, analyticsUrl, analyticsSite }: AnalyticsConfig): { tool: AnalyticsTool, address: string, site: string } | null {
  if (!analytics || !analyticsUrl || !analyticsSite) return null
  return {
    tool: analytics,
    address: new URL(analyticsTools[analytics].endpoint, `${analyticsUrl.replace(/\/$/, '')}/`).href,
    site: analyticsSite,
  }
}

/** Whether a browser asks not to be followed: Do Not Track (W3C TPE §5.2), Global Privacy Control (W3C GPC §3.2). */
export const asksNotToBeCounted = (headers: IncomingHttpHeaders): boolean => headers.dnt === '1' || headers['sec-gpc'] === '1'
