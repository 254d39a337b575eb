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
    policiesDir: Type.String({
      ...setting('POLICIES_DIR', 'A folder with texts of policies (*.md), which are read at the start and on SIGHUP, published, and then not edited in the app (docs/policies.md); empty: none'),
      maxLength: 4096,
      default: '',
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
  mayBeEmpty: ['policiesDir'],
  check: raw => (raw.adminEmail === undefined) === (raw.adminPassword === undefined)
    ? []
    : ['ADMIN_EMAIL and ADMIN_PASSWORD go together: set both or neither.'],
})
