import { Type } from 'typebox'
import { defineFragment, setting } from './fragment.ts'

/** Whom the deployment is for, its key, and how it is set up. */
export const instanceSettings = defineFragment({
  settings: {
    deployment: Type.Union([
      Type.Literal('self-hosted'),
      Type.Literal('hosted'),
    ], {
      ...setting('DEPLOYMENT', 'Whom this deployment is for: self-hosted: the organisation that runs it, and those it works with; hosted: others, to whom it is a service; it then has a home page for people without an account. Policy texts begin with it'),
      default: 'self-hosted',
    }),
    secretKey: Type.String({
      ...setting('SECRET_KEY', 'The instance key, at least 32 random characters; it signs tokens and encrypts link addresses', true),
      minLength: 32,
      maxLength: 1024,
      default: '',
    }),
    setupToken: Type.Optional(Type.String({
      ...setting('SETUP_TOKEN', 'Asked for by the set-up wizard; absent: made at random and printed', true),
      minLength: 8,
    })),
    adminEmail: Type.Optional(Type.String({
      ...setting('ADMIN_EMAIL', 'With ADMIN_PASSWORD: sets the instance up without the wizard'),
      pattern: '^[^@\\s]+@[^@\\s]+$',
    })),
    adminPassword: Type.Optional(Type.String({
      ...setting('ADMIN_PASSWORD', 'Password of the first operator, at least 12 characters', true),
      minLength: 12,
      maxLength: 128,
    })),
  },
  check: raw => (raw.adminEmail === undefined) === (raw.adminPassword === undefined)
    ? []
    : ['ADMIN_EMAIL and ADMIN_PASSWORD go together: set both or neither.'],
})
