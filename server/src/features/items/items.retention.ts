import type { JobQueue } from '../../jobs/job-queue.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import { systemCaller } from '../../http/caller.ts'
import { defineRetention } from '../../retention/define-retention.ts'
import { fileVersionsPurged } from '../audit/audit.actions.ts'
import { deleteObjectsJob } from '../objects/objects.deletion.ts'
import * as purging from './items-purge.queries.ts'
import * as queries from './items-retention.queries.ts'
import { lockTrash } from './items-tree.queries.ts'
import { KEYS_PER_JOB, purgeJob, ROWS_AT_ONCE } from './items.purge.ts'
import { publishFolders } from './items.tree.ts'

interface Context { jobs: JobQueue, audit: AuditLog, newId: () => string }

/** Files whose versions one transaction deletes. */
const FILES_AT_ONCE = 100

/** It only decides, as whoever empties the trash does: what is marked is gone from view, and a job deletes it, with its events and the room it gives back. */
export const trash = defineRetention<Context>({
  name: 'trash',
  tables: [
    'items',
    'file_versions',
    'grants',
    'purge_items',
  ],
  days: {
    default: 30,
    minimum: 1,
    maximum: 3650,
    mayBeForEver: true,
  },
  what: {
    en: 'Files and folders in the trash',
    de: 'Dateien und Ordner im Papierkorb',
    fr: 'Fichiers et dossiers dans la corbeille',
    es: 'Archivos y carpetas en la papelera',
  },
  since: {
    en: 'the day that they were put there',
    de: 'Tag, an dem sie dort hinkamen',
    fr: 'le jour où ils y ont été mis',
    es: 'el día en que se pusieron allí',
  },
  async purge(tx, { before, now }, { jobs, newId }) {
    const workspaceId = await queries.findTrashDue(tx, before)
    if (workspaceId === undefined) return false
    await lockTrash(tx, workspaceId)
    const { id: purgeId } = await purging.insertPurge(tx, {
      id: newId(),
      workspaceId,
      askedBy: null,
      caller: systemCaller,
      createdAt: now,
    })
    // What was due may have been restored while this waited.
    if (await queries.markTrashDue(tx, purgeId, { workspaceId, before, limit: ROWS_AT_ONCE }) === 0) {
      await purging.deletePurge(tx, purgeId)
      return true
    }
    await publishFolders(tx, workspaceId, await purging.listMarkedParents(tx, purgeId))
    await jobs.send(tx, purgeJob, { purgeId })
    return true
  },
})

export const replacedVersions = defineRetention<Context>({
  name: 'versions',
  tables: ['file_versions'],
  days: {
    default: null,
    minimum: 1,
    maximum: 3650,
    mayBeForEver: true,
  },
  what: {
    en: 'Earlier versions of files',
    de: 'Frühere Versionen von Dateien',
    fr: 'Versions antérieures des fichiers',
    es: 'Versiones anteriores de los archivos',
  },
  since: {
    en: 'the day that a newer version replaced them',
    de: 'Tag, an dem eine neuere Version sie ersetzt hat',
    fr: 'le jour où une version plus récente les a remplacées',
    es: 'el día en que una versión más nueva las sustituyó',
  },
  async purge(tx, due, { jobs, audit }) {
    const held = await queries.holdReplacedFiles(tx, due.before, FILES_AT_ONCE)
    const files = new Map(held.map(file => [file.id, file]))
    const gone = await queries.deleteReplaced(tx, [
      ...files.keys(),
    ], due)
    if (gone.length === 0) return false
    const keys = gone.flatMap(file => file.keys)
    for (let at = 0; at < keys.length; at += KEYS_PER_JOB) {
      await jobs.send(tx, deleteObjectsJob, {
        keys: keys.slice(at, at + KEYS_PER_JOB),
      })
    }
    const rooms = Map.groupBy(gone, ({ itemId }) => files.get(itemId)!.workspaceId)
    for (const workspaceId of [
      ...rooms.keys(),
    ].sort()) {
      await purging.freeRoom(tx, workspaceId, rooms.get(workspaceId)!.reduce((sum, { bytes }) => sum + bytes, 0))
    }
    await audit.record(tx, systemCaller, ...gone.map(({ itemId, versions, bytes }) => {
      const { workspaceId, name, parentId, parentName } = files.get(itemId)!
      return fileVersionsPurged({
        workspaceId,
        subject: { kind: 'file', id: itemId, name },
        details: {
          parentId: parentId ?? undefined,
          parentName: parentName ?? undefined,
          versions,
          bytes,
        },
      })
    }))
    return held.length === FILES_AT_ONCE
  },
})

export const endedPurges = defineRetention({
  name: 'deletions',
  tables: ['purges', 'purge_items'],
  keeps: { days: 1 },
  what: {
    en: 'How far a deletion for ever was: who asked for it, and how much it was',
    de: 'Wie weit ein endgültiges Löschen war: wer es verlangt hat, und wie viel es war',
    fr: 'L’avancement d’une suppression définitive : qui l’a demandée, et son ampleur',
    es: 'El avance de una eliminación definitiva: quién la pidió y cuánto era',
  },
  since: {
    en: 'the end of the deletion',
    de: 'Ende des Löschens',
    fr: 'la fin de la suppression',
    es: 'el fin de la eliminación',
  },
  why: {
    en: 'So long whoever asked for it is told how it ended; the log tells of it after.',
    de: 'So lange erfährt, wer es verlangt hat, wie es ausging; danach erzählt das Protokoll davon.',
    fr: 'Pendant ce temps, qui l’a demandée apprend comment elle s’est terminée ; ensuite, le journal en parle.',
    es: 'Durante ese tiempo quien la pidió sabe cómo terminó; después lo cuenta el registro.',
  },
  purge: (tx, { before }) => queries.deleteEndedPurges(tx, before),
})
