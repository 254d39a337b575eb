import { defineError } from '../../errors/app-error.ts'
import { conflict } from '../../errors/common-errors.ts'

export const quotaExceeded = defineError('quota.exceeded', 507, 'The workspace has no room left')
/** The sweep gave the object up before it became a file. */
export const objectGone = () => conflict('What was uploaded is no longer there; upload it again')
