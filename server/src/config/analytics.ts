import { Type } from 'typebox'
import { defineFragment, setting, withoutScheme } from './fragment.ts'

/** A server of the operator's that counts visits of the pages for everybody; none: nobody counts. */
export const analyticsSettings = defineFragment({
  settings: {
    analytics: Type.Optional(Type.Union([
      Type.Literal('plausible'),
      Type.Literal('matomo'),
      Type.Literal('umami'),
    ], setting('ANALYTICS', 'What counts visits of the home page, the contact page and policies, at ANALYTICS_URL; absent: nothing does. Links, requests and the pages of people with an account are never counted, nor anybody whose browser sends Do Not Track or Global Privacy Control'))),
    analyticsUrl: Type.Optional(Type.String({
      ...setting('ANALYTICS_URL', 'Address of that server as browsers reach it, as https://stats.example.com; with a path it ends with a slash', false, withoutScheme),
      // It stands in a header, among other addresses.
      pattern: '^https?://[^/?#@\\s;,\'"]+(?:/(?:[^?#@\\s;,\'"]*/)?)?$',
    })),
    analyticsSite: Type.Optional(Type.String({
      ...setting('ANALYTICS_SITE', 'What that server calls this deployment: its domain (plausible), number (matomo) or id (umami)'),
      pattern: '^[\\w.:-]{1,253}$',
    })),
  },
  check: ({ analytics, analyticsUrl, analyticsSite }) => new Set([analytics, analyticsUrl, analyticsSite].map(each => each === undefined)).size === 1
    ? []
    : ['ANALYTICS, ANALYTICS_URL and ANALYTICS_SITE go together: set all of them or none.'],
})
