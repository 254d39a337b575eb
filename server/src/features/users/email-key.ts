/** What makes an account's address unique: the same by which mail knows it. */
export { addressKey as emailKey } from '../../mail/mail-address.ts'
