/** What makes an address unique: NFKC, lower case, without spaces around it. */
export const emailKey = (email: string) => email.trim().normalize('NFKC').toLowerCase()
