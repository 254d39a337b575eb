import { defineRetention, spanOf } from '../../retention/define-retention.ts'
import { QUARANTINE_MS, SWEEP_GRACE_MS } from './objects.lifetime.ts'

export const deletedBytes = defineRetention({
  name: 'deleted-bytes',
  tables: ['objects', 'object_blocks'],
  keeps: spanOf(SWEEP_GRACE_MS),
  what: {
    en: 'The bytes of what was deleted for ever, in the store',
    de: 'Die Bytes dessen, was endgültig gelöscht wurde, im Speicher',
    fr: 'Les octets de ce qui a été supprimé définitivement, dans le stockage',
    es: 'Los bytes de lo que se eliminó para siempre, en el almacén',
  },
  since: {
    en: 'the deletion, at most',
    de: 'Löschung, höchstens',
    fr: 'la suppression, au plus',
    es: 'la eliminación, como máximo',
  },
  why: {
    en: 'They are deleted at once; what fails is done again every quarter of an hour. While a backup is made it waits.',
    de: 'Sie werden sofort gelöscht; was misslingt, wird jede Viertelstunde wiederholt. Während eine Sicherung entsteht, wartet es.',
    fr: 'Ils sont supprimés aussitôt ; ce qui échoue est repris tous les quarts d’heure. Pendant une sauvegarde, cela attend.',
    es: 'Se borran en el acto; lo que falla se repite cada cuarto de hora. Mientras se hace una copia de seguridad, espera.',
  },
  job: 'storage.sweep',
})

export const unknownBytes = defineRetention({
  name: 'unknown-bytes',
  tables: ['orphans'],
  keeps: spanOf(QUARANTINE_MS),
  what: {
    en: 'Bytes in the store that the database does not know, after a crash',
    de: 'Bytes im Speicher, die die Datenbank nicht kennt, nach einem Absturz',
    fr: 'Octets du stockage que la base de données ne connaît pas, après une panne',
    es: 'Bytes del almacén que la base de datos no conoce, tras un fallo',
  },
  since: {
    en: 'the first time that they were found',
    de: 'erstes Mal, dass sie gefunden wurden',
    fr: 'la première fois qu’ils ont été trouvés',
    es: 'la primera vez que se encontraron',
  },
  why: {
    en: 'Time enough to notice that it is the database that is wrong.',
    de: 'Zeit genug, um zu bemerken, dass die Datenbank die falsche ist.',
    fr: 'Assez de temps pour remarquer que c’est la base de données qui se trompe.',
    es: 'Tiempo suficiente para notar que es la base de datos la que se equivoca.',
  },
  job: 'storage.orphans',
})
