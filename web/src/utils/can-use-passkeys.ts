/** Browsers have them for pages that came by https or from this computer, and for names alone: an address of digits can have none. */
export const canUsePasskeys = typeof PublicKeyCredential === 'function' && !/^[\d.]+$|:/.test(location.hostname)
