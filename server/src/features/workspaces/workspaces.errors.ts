import { defineError } from '../../errors/app-error.ts'

export const slugTaken = defineError('workspace.slug_taken', 409, 'Another workspace has this address')
export const slugReserved = defineError('workspace.slug_reserved', 400, 'This address is kept for the app')
