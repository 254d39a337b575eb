/** What is looked at, in this order. */
export const subjects = [
  'check',
  'version',
  'settings',
  'database',
  'servers',
  'backups',
  'people',
  'store',
  'disk',
  'address',
  'mail',
  'visit',
] as const
export type Subject = typeof subjects[number]

/** `well`: as it should be; `doubtful`: works, but is not as it should be; `broken`: something that people need does not work. */
export const healths = ['well', 'doubtful', 'broken'] as const
export type Health = typeof healths[number]

/**
 * Everything that can be found: how bad it is, and a sentence in English, with the setting to change where there is one. What stands in braces is the finding's
 * data. A name that ends with `Bytes` or `At` says what it is, and is written as such; `problem` is what others said of it, in English.
 */
export const findingWords = {
  'check.broken_off': ['doubtful', 'The check was broken off before its end, because the server stopped or something took too long. Check again.'],
  'check.failed': ['broken', 'This could not be looked at to its end: {problem}.'],

  'version.well': ['well', 'ClientShare {release}, by Node {node}.'],

  'settings.well': ['well', 'The settings can be read (STORAGE={storage}).'],
  'settings.wrong': ['broken', '{problem}.'],

  'database.well': ['well', 'PostgreSQL {version} at {place}, {sizeBytes}, answers in {ms} ms.'],
  'database.fails': ['broken', '{problem}.'],
  'database.clock': ['doubtful', '{problem}.'],
  'database.old': ['broken', 'PostgreSQL {version} is too old: ClientShare needs {oldest} or newer.'],
  'database.replica': ['broken', 'This PostgreSQL is a replica, which takes no writes. Set DATABASE_URL to the primary.'],
  'database.read_only': ['broken', 'This PostgreSQL takes no writes (default_transaction_read_only = on). Set it to off for this database or its user.'],
  'database.encoding': ['broken', 'The database has the encoding {encoding}, which lacks letters of names. Make a new one with UTF8, and restore into it.'],
  'database.not_durable': ['doubtful', '{setting} = off: a crash of the machine may lose what people were told is stored. Set it to on in postgresql.conf.'],
  'database.connections': ['doubtful', 'max_connections = {connections} is less than the {wanted} that the servers may take (running: {serving}). Set it to {wanted}, or DATABASE_POOL_SIZE to less.'],

  'servers.well': ['well', 'Servers that run: {serving}.'],
  'servers.one_folder': ['broken', '{serving} servers use one folder (STORAGE=local), which only one can take uploads into. Run one (SERVER_REPLICAS=1), or use S3.'],
  'servers.idle': ['doubtful', 'No process has done background work since {lastAt}: deletions, checks and counts wait. One needs PROCESS_MODE=all or worker.'],
  'servers.never_worked': ['doubtful', 'No process has done background work yet: deletions, checks and counts wait. If servers run for longer than half an hour, one needs PROCESS_MODE=all or worker.'],
  'servers.key': ['broken', 'SECRET_KEY is not the one with which links were made, so nobody can copy their addresses again. Put the right one back from the backup of the secrets.'],

  'backups.well': ['well', 'The last good backup is of {takenAt}; {place} can be written to.'],
  'backups.unset': ['doubtful', 'No place for backups is set (BACKUP_TO). If nothing else makes them, what is lost is lost.'],
  'backups.none': ['doubtful', 'There is no good backup yet. Make one ({command}), or have the server make them (BACKUP_SCHEDULE).'],
  'backups.late': ['doubtful', 'The last good backup is of {takenAt}, and should not be older than {hours} hours (BACKUP_WARN_HOURS). Make one ({command}), or have the server make them (BACKUP_SCHEDULE).'],
  'backups.failed': ['doubtful', 'The last backup, begun {startedAt}, failed: {problem}.'],
  'backups.damaged': ['doubtful', 'Objects that are damaged in the store and so are not in the last backup: {damaged}. Keep older ones.'],
  'backups.place': ['broken', 'No backup can be made in {place}: {problem}.'],

  'people.unreached': ['doubtful', 'Accounts whose address no mail can be sent to: {count} ({accounts}). Search “People” by these ids, and have each enter another address on the page of its account.'],

  'store.well': ['well', 'The store {place} writes, reads, answers ranges and joins parts, in {ms} ms.'],
  'store.fails': ['broken', '{problem}.'],
  'store.full': ['broken', 'The store is full: what is there can be read, but nothing new can be stored. Make room.'],
  'store.other_bytes': ['broken', 'The store gives back other bytes than it was given.'],
  'store.other_range': ['broken', 'The store answers a range with other bytes: downloads that are taken up again would be spoilt.'],
  'store.other_parts': ['broken', 'The store joins parts to other bytes than it was given.'],
  'store.wrong_md5': ['doubtful', 'The store takes a body with a wrong MD5, so what is hurt on its way to it is only noticed when it is read. Something in front of it drops Content-MD5, or it does not check: use another S3 server.'],
  'store.public': ['broken', 'Everybody who can reach the store can list the bucket “{bucket}”. Take the public policy away.'],
  'store.unasked': ['doubtful', 'The store could not be asked about MD5 and public access ({problem}).'],
  'store.not_ours': ['broken', '{problem}'],

  'disk.well': ['well', '{freeBytes} of {sizeBytes} are free in {folder}.'],
  'disk.little': ['doubtful', '{freeBytes} of {sizeBytes} are free in {folder}. Make room before uploads are refused.'],
  'disk.full': ['broken', '{freeBytes} of {sizeBytes} are free in {folder}: nothing can be stored. Make room.'],
  'disk.unreadable': ['broken', '{folder} cannot be looked at ({error}). It has to be a folder of the user that runs the server.'],
  'disk.others_read': ['doubtful', 'Every user of this machine can look into {folder}. Have it belong to the server’s user alone: chmod 700 {folder}'],
  'disk.others_write': ['doubtful', 'Every user of this machine can change files in {folder}. Have it belong to the server’s user alone: chmod 700 {folder}'],

  'address.well': ['well', '{url} leads here, and lets parts of uploads through.'],
  'address.local': ['doubtful', 'Links begin with {url}, which leads to this server from this machine alone. Set PUBLIC_URL or DOMAIN.'],
  'address.unencrypted': ['doubtful', 'Passwords and files travel unencrypted to {url}. Set DOMAIN, or PUBLIC_URL to the https address of the proxy in front.'],
  'address.certificate': ['broken', 'The certificate at {url} is not trusted ({error}): browsers refuse it.'],
  'address.silent': ['doubtful', '{url} does not answer from here ({error}). If it does from outside, the name leads elsewhere on this network; else look at DNS, the firewall and the proxy.'],
  'address.redirect': ['broken', '{url} leads on to {origin}. Set PUBLIC_URL={origin}: sign-in and links go by it.'],
  'address.stranger': ['broken', 'What answers at {url} (status {status}) is not ClientShare. Check PUBLIC_URL, and where the proxy sends /api.'],
  'address.other': ['broken', 'At {url} another ClientShare answers, which calls itself {told}. Check PUBLIC_URL, and where the proxy leads.'],
  'address.body_refused': ['broken', 'Something in front of the server refuses bodies of {partBytes} (413), so larger uploads fail. Raise its limit: nginx client_max_body_size 0, Apache LimitRequestBody 0, Cloudflare has 100 MB.'],
  'address.body_answered': ['doubtful', 'Something in front of the server answers uploads itself (status {status}). Look at its log.'],

  'mail.unset': ['well', 'No mail is sent: SMTP_URL is not set, so people pass invitations and links on themselves.'],
  'mail.well': ['well', 'The mail server {server} takes a connection, and encrypts it; mails come from {from}.'],
  'mail.plain': ['well', 'The mail server {server} takes a connection, which need not be encrypted (SMTP_ALLOW_PLAIN); mails come from {from}.'],
  'mail.sign_in': ['broken', 'The mail server {server} refuses the sign-in: {problem}. Check user and password in SMTP_URL. Mails wait for two days.'],
  'mail.tls': ['broken', 'The mail server {server} does not encrypt: {problem}. Check host and port in SMTP_URL; a server on this machine or in a private network may do without TLS by SMTP_ALLOW_PLAIN=true. Mails wait for two days.'],
  'mail.silent': ['broken', 'The mail server {server} cannot be used: {problem}. Check host and port in SMTP_URL (smtps:// for TLS from the start), and that this machine may connect there. Mails wait for two days.'],
  'mail.replies': ['well', 'Answers by mail are read from {mailbox} at {server}, for {address}.'],
  'mail.replies_unread': ['broken', 'Answers by mail cannot be read from {mailbox} at {server}: {problem}. Check REPLY_INBOX. They wait in the mailbox.'],

  'visit.well': ['well', 'You come from {address}: the log and the throttles know people by addresses like that.'],
  'visit.unbelieved': ['broken', 'A proxy at {neighbour} says for whom it asks (X-Forwarded-For) and is not believed, so all who come by it count as one, and the log has its address. If it is yours, add {neighbour} to TRUSTED_PROXIES.'],
  'visit.unreadable': ['broken', 'The proxy at {address} tells something as X-Forwarded-For that does not end with an address, so all who come by it count as one. Have it send the client’s address.'],
  'visit.private': ['doubtful', 'You come from {address}, which is an address of a private network. If you are not in it, it is a proxy’s: have that send X-Forwarded-For, and name it in TRUSTED_PROXIES.'],
} as const satisfies Record<`${Subject}.${string}`, readonly [Health, string]>

export type FindingCode = keyof typeof findingWords
export const findingCodes = Object.keys(findingWords) as FindingCode[]

type PartsOf<Sentence> = Sentence extends `${string}{${infer Part}}${infer Rest}`
  ? Part | PartsOf<Rest>
  : never
/** What a finding's sentence has in braces. */
export type DataOf<Code extends FindingCode> = Record<PartsOf<(typeof findingWords)[Code][1]>, string | number>

/** The sentence with its data in it. Bytes are told in binary units, as the settings are, and moments in UTC. */
export function sayFinding<Code extends FindingCode>(code: Code, data: DataOf<Code>): string {
  return findingWords[code][1].replaceAll(/\{(\w+)\}/g, (_, name: string) => inWords(name, (data as Record<string, string | number>)[name]!))
}

const MiB = 1024 ** 2
const GiB = 1024 ** 3

function inWords(name: string, value: string | number): string {
  if (name.endsWith('At')) return `${String(value).slice(0, 16).replace('T', ' ')} UTC`
  if (!name.endsWith('Bytes')) return String(value)
  const bytes = Number(value)
  return bytes < GiB
    ? `${Math.ceil(bytes / MiB)} MiB`
    : `${(bytes / GiB).toFixed(1)} GiB`
}
