import { Type } from 'typebox'
import { Bytes, defineFragment, originOf, setting, settingOf, withoutScheme } from './fragment.ts'

const ORIGIN = '^https?://[^/?#@\\s]+$'

const settings = {
  storage: Type.Union([
    Type.Literal('local'),
    Type.Literal('s3'),
  ], {
    ...setting('STORAGE', 'Where the bytes are: local (a folder below DATA_DIR) or s3 (MinIO or any S3 server)'),
    default: 'local',
  }),
  s3Endpoint: Type.Optional(Type.String({
    ...setting('S3_ENDPOINT', 'With STORAGE=s3: address of the S3 server as this process reaches it, as http://minio:9000', false, withoutScheme),
    pattern: ORIGIN,
  })),
  s3PublicEndpoint: Type.Optional(Type.String({
    ...setting('S3_PUBLIC_ENDPOINT', 'Address of the same S3 server as browsers reach it; needed by DOWNLOADS_BY=store only', false, withoutScheme),
    pattern: ORIGIN,
  })),
  s3Region: Type.String({
    ...setting('S3_REGION', 'Region of the bucket'),
    pattern: '^[a-zA-Z0-9-]{1,64}$',
    default: 'us-east-1',
  }),
  s3Bucket: Type.String({
    ...setting('S3_BUCKET', 'Bucket that holds nothing else; made at the first start when the key may'),
    pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    default: 'clientshare',
  }),
  s3AccessKey: Type.Optional(Type.String({
    ...setting('S3_ACCESS_KEY', 'Access key, best of a user that may use this bucket only', true),
    minLength: 1,
    maxLength: 256,
  })),
  s3SecretKey: Type.Optional(Type.String({
    ...setting('S3_SECRET_KEY', 'Secret of the access key', true),
    minLength: 1,
    maxLength: 256,
  })),
  s3PathStyle: Type.Boolean({
    ...setting('S3_PATH_STYLE', 'true: the bucket is in the path (MinIO); false: in the host name'),
    default: true,
  }),
  scrubDays: Type.Integer({
    ...setting('SCRUB_DAYS', 'Within so many days every stored byte is read once and compared with what came in'),
    minimum: 1,
    maximum: 3650,
    default: 30,
  }),
  maxFileBytes: Bytes('MAX_FILE_BYTES', 'Largest file, in bytes', 50_000_000_000),
}

/** Where the bytes are. */
export const storageSettings = defineFragment({
  settings,
  complete(raw) {
    for (const key of ['s3Endpoint', 's3PublicEndpoint']) {
      if (raw[key] !== undefined) raw[key] = originOf(String(raw[key]))
    }
  },
  check: raw => raw.storage === 's3'
    ? needed.filter(key => raw[key] === undefined).map(key => `${settingOf(settings[key]).env} is not set, and STORAGE=s3 needs it.`)
    : [],
})

const needed = ['s3Endpoint', 's3AccessKey', 's3SecretKey'] as const
