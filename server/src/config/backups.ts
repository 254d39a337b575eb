import { Type } from 'typebox'
import { isRecipient } from './age-recipient.ts'
import { defineFragment, originOf, setting, settingOf } from './fragment.ts'
import { splitList } from './trusted-proxies.ts'

const kept = (env: string, period: string, fallback: number) => Type.Integer({
  ...setting(env, `Of so many ${period} that have a backup, the last one is kept; the newest backup always is`),
  minimum: 0,
  maximum: 1000,
  default: fallback,
})

/** The setting's public keys; none: backups are not encrypted. */
export const recipientsIn = (text = '') => splitList(text)

/** What is wrong with public keys, behind the name of what gave them; never the keys. */
export function recipientProblem(text: string): string | undefined {
  const keys = recipientsIn(text)
  if (keys.length === 0) return 'is empty: it wants a public key of age (age1…)'
  const wrong = keys.findIndex(key => !isRecipient(key))
  if (wrong === -1) return undefined
  return /^age-secret-key/i.test(keys[wrong]!)
    ? 'has a secret key: it wants the public one (age1…), and the secret one is kept where the server is not'
    : `must be public keys of age (age1…): number ${wrong + 1} is none, or has a slip in it`
}

const settings = {
  backupTo: Type.Optional(Type.String({
    ...setting('BACKUP_TO', 'Where backups are made: the path of a folder, best on another machine’s disk, or s3 for the bucket that BACKUP_S3_… name'),
    minLength: 1,
    maxLength: 4096,
  })),
  backupSchedule: Type.Optional(Type.String({
    ...setting('BACKUP_SCHEDULE', 'When the server makes a backup by itself, as cron says it and in UTC (30 2 * * *: each night); absent: only by command'),
    maxLength: 200,
  })),
  backupRecipient: Type.Optional(Type.String({
    ...setting('BACKUP_RECIPIENT', 'Encrypts backups: the public keys, as age-keygen tells them (age1…), of those who may open them; separated by spaces or commas. Absent: they are not encrypted', false, recipientProblem),
    maxLength: 16_384,
  })),
  backupKeepDaily: kept('BACKUP_KEEP_DAILY', 'days', 7),
  backupKeepWeekly: kept('BACKUP_KEEP_WEEKLY', 'weeks', 4),
  backupKeepMonthly: kept('BACKUP_KEEP_MONTHLY', 'months', 12),
  backupWarnHours: Type.Integer({
    ...setting('BACKUP_WARN_HOURS', 'With BACKUP_TO: operators are warned when the last good backup is older than so many hours'),
    minimum: 1,
    maximum: 8760,
    default: 36,
  }),
  backupS3Endpoint: Type.Optional(Type.String({
    ...setting('BACKUP_S3_ENDPOINT', 'With BACKUP_TO=s3: address of the S3 server, as https://s3.example.com'),
    pattern: '^https?://[^/?#@\\s]+$',
  })),
  backupS3Region: Type.String({
    ...setting('BACKUP_S3_REGION', 'Region of the bucket'),
    pattern: '^[a-zA-Z0-9-]{1,64}$',
    default: 'us-east-1',
  }),
  backupS3Bucket: Type.String({
    ...setting('BACKUP_S3_BUCKET', 'Bucket that holds the backups of this deployment and nothing else; made when it is missing and the key may'),
    pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    default: 'clientshare-backup',
  }),
  backupS3AccessKey: Type.Optional(Type.String({
    ...setting('BACKUP_S3_ACCESS_KEY', 'Access key of that bucket', true),
    minLength: 1,
    maxLength: 256,
  })),
  backupS3SecretKey: Type.Optional(Type.String({
    ...setting('BACKUP_S3_SECRET_KEY', 'Secret of that access key', true),
    minLength: 1,
    maxLength: 256,
  })),
  backupS3PathStyle: Type.Boolean({
    ...setting('BACKUP_S3_PATH_STYLE', 'true: the bucket is in the path (MinIO); false: in the host name'),
    default: true,
  }),
}

const needed = ['backupS3Endpoint', 'backupS3AccessKey', 'backupS3SecretKey'] as const

/** Minute, hour, day of the month, month, day of the week. */
const CRON_FIELDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const

/** Five fields of numbers, ranges and steps, as every cron knows them. */
export function isCron(text: string): boolean {
  const fields = text.split(' ')
  return fields.length === CRON_FIELDS.length && CRON_FIELDS.every(([least, most], at) => fields[at]!.split(',').every((part) => {
    const found = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/([1-9]\d?))?$/.exec(part)
    const [from = least, to = most] = [found?.[1], found?.[2]].map(each => each === undefined
      ? undefined
      : Number(each))
    return found !== null && from >= least && to <= most && from <= to
  }))
}

/** What an S3 target lacks, a line each. */
export const missingForS3 = (raw: Readonly<Record<string, unknown>>): string[] =>
  needed.filter(key => raw[key] === undefined).map(key => `${settingOf(settings[key]).env} is not set, and a backup in S3 needs it.`)

/** Where backups are, when they are made and how long they are kept. */
export const backupSettings = defineFragment({
  settings,
  complete(raw) {
    if (raw.backupS3Endpoint !== undefined) raw.backupS3Endpoint = originOf(String(raw.backupS3Endpoint))
  },
  check: raw => [
    ...raw.backupTo === 's3'
      ? missingForS3(raw)
      : [],
    ...raw.backupSchedule === undefined || isCron(String(raw.backupSchedule))
      ? []
      : ['BACKUP_SCHEDULE must be five fields of numbers: minute, hour, day, month, day of the week (30 2 * * *: each night at 2:30 UTC).'],
    ...raw.backupSchedule !== undefined && raw.backupTo === undefined
      ? ['BACKUP_SCHEDULE is set, but BACKUP_TO does not say where the backups go.']
      : [],
  ],
})
