import type { PublicInstance } from '../api/generated/types.gen.ts'

export type Analytics = NonNullable<PublicInstance['analytics']>

export interface Visit {
  /** Without its query: that may hold what somebody typed. */
  url: string
  title: string
  /** The website that somebody came from, without the page there; empty: none that is known. */
  from: string
  language: string
}

const originOf = (address: string) => URL.parse(address)?.origin ?? ''

export const visitOf = (document: Pick<Document, 'title' | 'referrer'>, path: string, isFirst: boolean): Visit => ({
  url: location.origin + path,
  title: document.title,
  from: isFirst && originOf(document.referrer) !== location.origin
    ? originOf(document.referrer)
    : '',
  language: navigator.language,
})

/** What each server wants to hear of a visit. Sources: see `analytics.policy.ts` of the server. */
export function messageOf({ tool, site }: Analytics, visit: Visit): { body: string, type: string } {
  switch (tool) {
    case 'plausible': return json({
      name: 'pageview',
      domain: site,
      url: visit.url,
      referrer: visit.from || null,
    })
    case 'umami': return json({
      type: 'event',
      payload: {
        website: site,
        hostname: new URL(visit.url).hostname,
        url: new URL(visit.url).pathname,
        title: visit.title,
        referrer: visit.from,
        language: visit.language,
      },
    })
    case 'matomo': return {
      type: 'application/x-www-form-urlencoded',
      body: new URLSearchParams({
        idsite: site,
        rec: '1',
        apiv: '1',
        send_image: '0',
        url: visit.url,
        action_name: visit.title,
        urlref: visit.from,
        lang: visit.language,
        rand: crypto.randomUUID(),
      }).toString(),
    }
  }
}

const json = (value: object) => ({
  body: JSON.stringify(value),
  type: 'application/json',
})

/**
 * Tells of a visit, without a cookie and without a script of anybody else's. Nobody waits for it, and that it fails is nobody's trouble.
 * Umami's answer says what to send back the next time; we do not.
 */
export function tellOf(analytics: Analytics, visit: Visit): void {
  const { body, type } = messageOf(analytics, visit)
  void fetch(analytics.address, {
    method: 'POST',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    keepalive: true,
    headers: { 'content-type': type },
    body,
  }).catch(() => {})
}
