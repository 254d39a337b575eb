import type { MaybeRefOrGetter } from 'vue'
import type { PolicyListing } from '../api/generated/types.gen.ts'
import { onScopeDispose, ref, toValue, watchEffect } from 'vue'

export interface PublicBrand {
  /** The organisation that the visitor deals with. */
  name: string
  /** Same origin or `data:`. */
  logoUrl?: string
  /** Of its own, beside which the deployment's hold. */
  policies?: PolicyListing[]
}

const brand = ref<PublicBrand>()

/** Puts the sender's name and logo on top of the public layout while the calling page is shown. */
export function usePublicBrand(of?: MaybeRefOrGetter<PublicBrand | undefined>) {
  if (of !== undefined) {
    watchEffect(() => { brand.value = toValue(of) })
    onScopeDispose(() => { brand.value = undefined })
  }
  return brand
}
