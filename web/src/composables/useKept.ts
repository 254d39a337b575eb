import type { RemovableRef } from '@vueuse/core'
import type { BrowserStorageKey } from '../api/generated/types.gen.ts'
import { useLocalStorage } from '@vueuse/core'

/** A value that this browser keeps, the same in all its windows. */
export const useKept = <T>(key: BrowserStorageKey, initial: T): RemovableRef<T> => useLocalStorage<T>(key, initial)
