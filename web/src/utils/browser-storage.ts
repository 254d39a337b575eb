import type { BrowserStorageKey } from '../api/generated/types.gen.ts'

/*
 * What is kept in the browser, by names that stand in the server's register: policy texts tell of each. A browser that keeps nothing, or lets nobody ask,
 * is as one that has nothing yet.
 */

type Place = 'local' | 'session'
const storageOf = (place: Place) => place === 'local'
  ? localStorage
  : sessionStorage

export function recall(key: BrowserStorageKey, place: Place = 'local'): string | null {
  try {
    return storageOf(place).getItem(key)
  }
  catch {
    return null
  }
}

/** Null: forgets it. @returns whether it is kept */
export function keep(key: BrowserStorageKey, value: string | null, place: Place = 'local'): boolean {
  try {
    value === null
      ? storageOf(place).removeItem(key)
      : storageOf(place).setItem(key, value)
    return true
  }
  catch {
    return false
  }
}

/** For a library that keeps something under a name of its own. */
export const storageKey = (key: BrowserStorageKey): BrowserStorageKey => key
