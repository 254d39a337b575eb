import { storageKey } from './browser-storage.ts'

/** Whether this browser lets the page keep anything. With all site data blocked, asking alone throws, and no cookie would hold a session. */
export function mayKeepData(): boolean {
  try {
    // Their being there is not enough: the first use throws.
    localStorage.getItem(storageKey('clientshare.session'))
    if (typeof BroadcastChannel !== 'undefined') new BroadcastChannel('clientshare.session').close()
    return true
  }
  catch {
    return false
  }
}
