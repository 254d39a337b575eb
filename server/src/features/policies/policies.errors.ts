import { defineError } from '../../errors/app-error.ts'

export const slugTaken = defineError('policy.slug_taken', 409, 'This address is taken')
export const slugFixed = defineError('policy.slug_fixed', 409, 'The address of a published policy stays')
export const nothingToPublish = defineError('policy.nothing_to_publish', 409, 'Nothing to publish')
export const effectiveInPast = defineError('policy.effective_in_past', 422, 'A version cannot take effect in the past')
export const placeholderLeft = defineError('policy.placeholder_left', 422, 'The text is not finished')
