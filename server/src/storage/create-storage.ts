import type { Storage } from './storage.ts'
import { createLocalStorage } from './local-storage.ts'

export interface StorageConfig {
  kind: 'local'
  /** The folder that holds everything; made when missing. */
  root: string
}

/**
 * Opens the store that the configuration names, after proving that it can be written to.
 * @throws StorageError with one plain line for the operator
 */
export async function createStorage(config: StorageConfig): Promise<Storage> {
  switch (config.kind) {
    case 'local':
      return createLocalStorage({ root: config.root })
  }
}
