/** What nobody has to know: it goes to those alone who agreed to it. */
export const consentKinds = ['launch', 'product'] as const
export type ConsentKind = typeof consentKinds[number]
export const announcementKinds = ['service', 'billing', ...consentKinds] as const
export type AnnouncementKind = typeof announcementKinds[number]

export const needsConsent = (kind: string): kind is ConsentKind => (consentKinds as readonly string[]).includes(kind)

/** Where somebody agreed or withdrew: on their page, on the page behind the link in a mail, or in the request by which their account came to be. */
export const consentSources = ['preferences', 'mail_link', 'request'] as const
export type ConsentSource = typeof consentSources[number]
