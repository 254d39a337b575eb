import process from 'node:process'

/** The soak proves more than the gate has time for: more kills, more clients, larger files, seeds of its own. */
export const isSoak = process.env.SOAK === 'true'

/** The same for every run of the gate, so that what fails there is the change's; the soak brings another each time. */
export const seed = Number(process.env.FAULT_SEED || 20_251)
