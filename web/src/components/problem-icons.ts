import type { Problem } from '../api/generated/types.gen.ts'

const key = 'i-lucide-key-round'
const shield = 'i-lucide-shield-x'
const missing = 'i-lucide-search-x'
const taken = 'i-lucide-copy-x'
const broken = 'i-lucide-file-warning'
const full = 'i-lucide-hard-drive'
const large = 'i-lucide-scaling'
const time = 'i-lucide-timer'
const server = 'i-lucide-server-off'
const input = 'i-lucide-circle-alert'
const upload = 'i-lucide-circle-x'
const link = 'i-lucide-unlink'
const lock = 'i-lucide-lock'

/** What kind of trouble it is, at a glance. */
export const problemIcons: Record<Problem['code'], string> = {
  'access.denied': shield,
  'announcement.not_started': input,
  'announcement.started': input,
  'archive.too_large': large,
  'auth.factor_exists': taken,
  'auth.email_link_not_found': link,
  'auth.passkey_refused': key,
  'auth.password_weak': key,
  'auth.registration_closed': lock,
  'auth.registration_not_found': link,
  'auth.reset_not_found': link,
  'auth.second_factor_required': shield,
  'auth.sign_in_expired': time,
  'auth.step_up_required': key,
  'auth.unauthenticated': key,
  'auth.wrong_code': key,
  'auth.wrong_credentials': key,
  'auth.wrong_password': key,
  'conflict': taken,
  'file.corrupt': broken,
  'file.too_large': large,
  'idempotency.in_progress': time,
  'idempotency.key_reused': taken,
  'internal': server,
  'invitation.not_found': 'i-lucide-mail-x',
  'invitation.other_email': 'i-lucide-mail-x',
  'invitation.used': 'i-lucide-mail-check',
  'item.into_itself': 'i-lucide-folder-x',
  'item.is_root': 'i-lucide-folder-x',
  'item.name_invalid': input,
  'item.name_taken': taken,
  'item.not_in_trash': missing,
  'item.too_deep': 'i-lucide-folder-x',
  'link.locked': lock,
  'link.not_found': link,
  'link.revoked': link,
  'link.wrong_password': lock,
  'live.too_many_streams': time,
  'mail.not_set_up': 'i-lucide-mail-x',
  'mail.over': 'i-lucide-clock-alert',
  'mail.suppressed': 'i-lucide-mail-x',
  'member.already': 'i-lucide-user-check',
  'member.last_owner': 'i-lucide-user-x',
  'not_found': missing,
  'picture.too_many_pixels': large,
  'picture.unreadable': broken,
  'policy.effective_in_past': 'i-lucide-calendar-x',
  'policy.nothing_to_publish': input,
  'policy.placeholder_left': input,
  'policy.slug_fixed': taken,
  'policy.slug_taken': taken,
  'precondition.failed': taken,
  'provider.failed': server,
  'provider.given_up': input,
  'provider.last_way_in': key,
  'provider.nobody_connected': lock,
  'provider.not_begun': time,
  'provider.wrong_answer': shield,
  'quota.exceeded': full,
  'range.not_satisfiable': broken,
  'rate.limited': time,
  'request.headers_too_large': large,
  'request.invalid': input,
  'request.json': input,
  'request.malformed': input,
  'request.media_type': input,
  'request.method': input,
  'request.timeout': time,
  'request.too_large': large,
  'service.unavailable': server,
  'setup.wrong_token': key,
  'storage.full': full,
  'token.not_taken': shield,
  'token.scope_missing': shield,
  'token.too_many': key,
  'upload.closed': upload,
  'upload.digest_mismatch': broken,
  'upload.incomplete': upload,
  'upload.interrupted': upload,
  'upload.length_required': upload,
  'upload.part_number': upload,
  'upload.part_size': upload,
  'upload.part_superseded': upload,
  'upload.stalled': time,
  'upload.wrong_token': key,
  'user.disabled': lock,
  'user.email_taken': taken,
  'user.last_operator': 'i-lucide-user-x',
  'workspace.slug_reserved': taken,
  'workspace.slug_taken': taken,
}

/** Of a problem that no server of ours named: the network's, a proxy's. */
export const problemIcon = (code: string): string => (problemIcons as Record<string, string>)[code] ?? 'i-lucide-circle-alert'
