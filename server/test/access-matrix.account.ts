import type { Row } from './access-matrix.row.ts'
import { at } from './access-matrix.row.ts'

/** Routes by which people come in, and those of their own account. */
export const accountRoutes: Record<string, Row> = {
  'POST /auth/login': {
    expected: 'ownToken',
    call: ({ unique }) => ({
      path: '/auth/login',
      body: { email: `${unique}@example.com`, password: 'wrong' },
    }),
  },
  'POST /auth/mfa': {
    expected: 'ownToken',
    call: () => ({
      path: '/auth/mfa',
      body: { mfaToken: 'x', method: 'totp', code: '123456' },
    }),
  },
  'POST /auth/email-code': {
    expected: 'everybody',
    call: ({ unique }) => ({
      path: '/auth/email-code',
      body: { email: `${unique}@example.com` },
    }),
  },
  'POST /auth/email-code/verify': {
    // Nobody has a code there.
    expected: 'badRequest',
    call: ({ unique }) => ({
      path: '/auth/email-code/verify',
      body: { email: `${unique}@example.com`, code: '123456' },
    }),
  },
  'POST /auth/passkey/options': {
    expected: 'everybody',
    call: at('/auth/passkey/options'),
  },
  'POST /auth/passkey': {
    expected: 'badRequest',
    call: () => ({ path: '/auth/passkey', body: {} }),
  },
  'POST /auth/refresh': {
    expected: 'ownToken',
    call: at('/auth/refresh'),
  },
  'POST /auth/logout': {
    expected: 'everybody',
    call: at('/auth/logout'),
  },
  'GET /me': {
    expected: 'person',
    call: at('/me'),
  },
  'GET /me/policy-acceptances': {
    expected: 'person',
    call: at('/me/policy-acceptances'),
  },
  'POST /policy-acceptances': {
    // No such text is in effect.
    expected: 'ownConflict',
    call: () => ({
      path: '/policy-acceptances',
      body: {
        slug: 'nothing',
        number: 1,
        language: 'en',
        sha256: '0'.repeat(64),
      },
    }),
  },
  'PUT /me/picture': {
    expected: 'person',
    call: () => ({
      path: '/me/picture',
      bytes: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
    }),
  },
  'DELETE /me/picture': {
    expected: 'person',
    call: at('/me/picture'),
  },
  'GET /users/:userId/picture': {
    // Nobody has one there; who sees whose is a test of its own.
    expected: 'ownMissing',
    call: t => ({ path: `/users/${t.userId}/picture` }),
  },
  'GET /me/events': {
    expected: 'person',
    call: at('/me/events'),
    isStream: true,
  },
  'GET /me/notifications': {
    expected: 'person',
    call: at('/me/notifications'),
  },
  'GET /me/notifications/unread': {
    expected: 'person',
    call: at('/me/notifications/unread'),
  },
  'POST /me/notifications/read': {
    expected: 'person',
    call: () => ({
      path: '/me/notifications/read',
      body: { all: true },
    }),
  },
  'POST /me/notifications/unread': {
    expected: 'person',
    call: () => ({
      path: '/me/notifications/unread',
      body: {
        ids: ['01890000-0000-7000-8000-000000000000'],
      },
    }),
  },
  'GET /public/unsubscribe/:token': {
    expected: 'alwaysGone',
    call: at('/public/unsubscribe/x'),
  },
  'PUT /public/unsubscribe/:token': {
    expected: 'alwaysGone',
    call: () => ({
      path: '/public/unsubscribe/x',
      body: { isOn: true },
    }),
  },
  'POST /unsubscribe/:token': {
    expected: 'alwaysGone',
    call: at('/unsubscribe/x'),
  },
  'GET /me/notification-preferences': {
    expected: 'person',
    call: at('/me/notification-preferences'),
  },
  'PUT /me/notification-preferences': {
    expected: 'person',
    call: () => ({
      path: '/me/notification-preferences',
      body: {
        choices: [],
        digestHour: 8,
        quietHours: null,
        unsubscribed: [],
      },
    }),
  },
  'GET /roles': {
    expected: 'person',
    call: at('/roles'),
  },
  'PATCH /me': {
    expected: 'person',
    call: () => ({
      path: '/me',
      body: { locale: 'en' },
    }),
  },
  'GET /me/factors': {
    expected: 'person',
    call: at('/me/factors'),
  },
  'GET /auth/oidc': {
    expected: 'everybody',
    call: at('/auth/oidc'),
  },
  'POST /auth/oidc/:provider/start': {
    expected: 'alwaysGone',
    call: () => ({ path: '/auth/oidc/nowhere/start', body: {} }),
  },
  'POST /auth/oidc/:provider/logout': {
    expected: 'alwaysGone',
    call: () => ({
      path: '/auth/oidc/nowhere/logout',
      body: { logout_token: 'x' },
    }),
  },
  'GET /auth/oidc/:provider/callback': {
    expected: 'everybody',
    call: at('/auth/oidc/nowhere/callback?state=x&code=x'),
  },
  'GET /me/oidc': {
    expected: 'person',
    call: at('/me/oidc'),
  },
  'POST /me/oidc/:provider': {
    expected: 'ownMissing',
    stepUp: true,
    call: at('/me/oidc/nowhere'),
  },
  'DELETE /me/oidc/:provider': {
    expected: 'ownMissing',
    stepUp: true,
    call: at('/me/oidc/nowhere'),
  },
  'POST /me/totp': {
    expected: 'person',
    stepUp: true,
    call: at('/me/totp'),
  },
  'POST /me/totp/confirm': {
    expected: 'wrongPassword',
    stepUp: true,
    call: () => ({ path: '/me/totp/confirm', body: {} }),
  },
  'DELETE /me/totp': {
    expected: 'ownMissing',
    stepUp: true,
    call: at('/me/totp'),
  },
  'POST /me/recovery-codes': {
    expected: 'ownConflict',
    stepUp: true,
    call: at('/me/recovery-codes'),
  },
  'POST /me/passkeys/options': {
    expected: 'person',
    stepUp: true,
    call: at('/me/passkeys/options'),
  },
  'POST /me/passkeys': {
    expected: 'wrongPassword',
    stepUp: true,
    call: () => ({ path: '/me/passkeys', body: {} }),
  },
  'PATCH /me/passkeys/:passkeyId': {
    expected: 'ownMissing',
    call: t => ({
      path: `/me/passkeys/${t.userId}`,
      body: { name: 'My phone' },
    }),
  },
  'DELETE /me/passkeys/:passkeyId': {
    expected: 'ownMissing',
    stepUp: true,
    call: t => ({ path: `/me/passkeys/${t.userId}` }),
  },
  'POST /me/step-up/options': {
    expected: 'person',
    call: at('/me/step-up/options'),
  },
  'POST /me/step-up': {
    expected: 'wrongPassword',
    call: () => ({
      path: '/me/step-up',
      body: { password: 'another one' },
    }),
  },
  'POST /me/password': {
    expected: 'wrongPassword',
    stepUp: true,
    call: () => ({
      path: '/me/password',
      body: { currentPassword: 'another one', newPassword: 'drizzle-on-the-tin-roof' },
    }),
  },
  'GET /me/sessions': {
    expected: 'person',
    call: at('/me/sessions'),
  },
  'DELETE /me/sessions': {
    expected: 'person',
    call: at('/me/sessions'),
  },
  'DELETE /me/sessions/:sessionId': {
    expected: 'onlyOwner',
    call: t => ({ path: `/me/sessions/${t.sessionId}` }),
  },
  'POST /auth/register': {
    // It is not open here.
    expected: 'closedToAll',
    call: ({ unique }) => ({
      path: '/auth/register',
      body: { email: `${unique}@example.com` },
    }),
  },
  'GET /auth/register/:token': {
    expected: 'alwaysGone',
    call: at('/auth/register/x'),
  },
  'POST /auth/register/:token': {
    expected: 'alwaysGone',
    call: () => ({
      path: '/auth/register/x',
      body: { name: 'x', password: 'drizzle-on-the-tin-roof' },
    }),
  },
  'POST /me/requests': {
    expected: 'person',
    call: () => ({
      path: '/me/requests',
      body: { message: 'Where is the trash?' },
    }),
  },
  'POST /me/email': {
    expected: 'wrongPassword',
    stepUp: true,
    call: ({ unique }) => ({
      path: '/me/email',
      body: { email: `${unique}@example.com`, password: 'another one' },
    }),
  },
  'GET /auth/email/:token': {
    expected: 'alwaysGone',
    call: at('/auth/email/x'),
  },
  'POST /auth/email/:token': {
    expected: 'alwaysGone',
    call: at('/auth/email/x'),
  },
  'POST /auth/email/:token/undo': {
    expected: 'alwaysGone',
    call: at('/auth/email/x/undo'),
  },
  'GET /me/tokens': {
    expected: 'person',
    call: at('/me/tokens'),
  },
  'POST /me/tokens': {
    expected: 'person',
    stepUp: true,
    call: ({ unique }) => ({
      path: '/me/tokens',
      body: {
        name: unique,
        scopes: ['read'],
      },
    }),
  },
  'GET /me/tokens/:tokenId': {
    expected: 'onlyOwner',
    call: t => ({ path: `/me/tokens/${t.tokenId}` }),
  },
  'DELETE /me/tokens/:tokenId': {
    expected: 'onlyOwner',
    call: t => ({ path: `/me/tokens/${t.tokenId}` }),
  },
  'GET /me/announcements': {
    expected: 'person',
    call: at('/me/announcements'),
  },
  'POST /me/announcements/:announcementId/put-away': {
    expected: 'person',
    call: t => ({ path: `/me/announcements/${t.shownAnnouncementId}/put-away` }),
  },
  'GET /me/consents': {
    expected: 'person',
    call: at('/me/consents'),
  },
  'PUT /me/consents/:kind': {
    expected: 'person',
    call: () => ({
      path: '/me/consents/launch',
      body: { isGiven: false },
    }),
  },
  'POST /auth/password-reset': {
    expected: 'everybody',
    call: () => ({
      path: '/auth/password-reset',
      body: { email: 'x@example.com' },
    }),
  },
  'GET /auth/password-reset/:token': {
    expected: 'everybody',
    call: t => ({ path: `/auth/password-reset/${t.resetToken}` }),
  },
  'POST /auth/password-reset/:token': {
    expected: 'everybody',
    call: t => ({
      path: `/auth/password-reset/${t.resetToken}`,
      body: { password: 'drizzle-on-the-tin-roof' },
    }),
  },
}
