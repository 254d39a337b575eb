import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { assertObjectKey } from './object-key.ts'

const OBJECT_NAME = /^[\w-]+(?:\.[\w-]+)*$/
const STAGING_NAME = /^([\w-]+(?:\.[\w-]+)*)~([\w-]+)$/
const REF = /^[\w-]{1,80}$/

/**
 * Where things lie below the root:
 *
 *     objects/<00..ff>/<key, with "." for "/">     the folder by the key's SHA-256, so that none grows too large
 *     staging/<key, with "." for "/">~<ref>        one file for each upload that is not an object yet
 *
 * A key is one file name, so that `a` and `a/b` can both exist; neither "." nor "~" occurs in a key.
 */
export interface LocalPaths {
  root: string
  objects: string
  staging: string
  /** All folders that objects may lie in. */
  shards: readonly string[]
  shardOf: (key: string) => string
  object: (key: string) => string
  /** Undefined when `ref` cannot be one of ours, as after a change of the driver. */
  staged: (key: string, ref: string) => string | undefined
}

export function createLocalPaths(root: string): LocalPaths {
  const objects = join(root, 'objects')
  const staging = join(root, 'staging')
  const shardOf = (key: string) => {
    assertObjectKey(key)
    return join(objects, createHash('sha256').update(key).digest('hex').slice(0, 2))
  }
  return {
    root,
    objects,
    staging,
    shards: Array.from({ length: 256 }, (_, n) => join(objects, n.toString(16).padStart(2, '0'))),
    shardOf,
    object: key => join(shardOf(key), toName(key)),
    staged(key, ref) {
      assertObjectKey(key)
      return REF.test(ref)
        ? join(staging, `${toName(key)}~${ref}`)
        : undefined
    },
  }
}

/** The key of an object's file name, or undefined for a file that is not ours. */
export function parseObjectName(name: string): string | undefined {
  return OBJECT_NAME.test(name)
    ? toKey(name)
    : undefined
}

export function parseStagingName(name: string): { key: string, ref: string } | undefined {
  const [, object, ref] = STAGING_NAME.exec(name) ?? []
  return object && ref
    ? {
        key: toKey(object),
        ref,
      }
    : undefined
}

function toName(key: string): string {
  return key.replaceAll('/', '.')
}

function toKey(name: string): string {
  return name.replaceAll('.', '/')
}
