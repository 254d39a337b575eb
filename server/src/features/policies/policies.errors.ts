import { defineError } from '../../errors/app-error.ts'

export const slugTaken = defineError('policy.slug_taken', 409, 'This address is taken')
export const slugFixed = defineError('policy.slug_fixed', 409, 'The address of a published policy stays')
export const nothingToPublish = defineError('policy.nothing_to_publish', 409, 'Nothing to publish')
export const effectiveInPast = defineError('policy.effective_in_past', 422, 'A version cannot take effect in the past')
export const placeholderLeft = defineError('policy.placeholder_left', 422, 'The text is not finished')
export const directiveWrong = defineError('policy.directive_wrong', 422, 'The text names something that this server does not know')
export const textTooLong = defineError('policy.text_too_long', 422, 'The text is too long')
export const notApproved = defineError('policy.not_approved', 409, 'Not approved yet')
export const fromFile = defineError('policy.from_file', 409, 'This text comes from a file')
export const tooMany = defineError('policy.too_many', 409, 'There are as many as there can be')
export const ownReview = defineError('policy.own_review', 403, 'Somebody else has to approve this')
