import process from 'node:process'
import { describe, it } from 'vitest'

/** The soak proves more than the gate has time for: more kills, more clients, larger files, seeds of its own. */
export const isSoak = process.env.SOAK === 'true'

/** The same for every run of the gate, so that what fails there is the change's; the soak brings another each time. */
export const seed = Number(process.env.FAULT_SEED || 20_251)

/** A test that the gate does not run (ADR 0017): of what is rare, or of what a quicker one holds as well. */
export const soakIt = (isSoak
  ? it
  : () => {}) as typeof it

export const soakDescribe = (isSoak
  ? describe
  : () => {}) as typeof describe

/** A generator of numbers below 1 (mulberry32): the same for the same seed. */
export function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = state + 0x6D2B79F5 | 0
    let mixed = Math.imul(state ^ state >>> 15, 1 | state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
}
