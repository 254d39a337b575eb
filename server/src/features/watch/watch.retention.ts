import { defineRetention } from '../../retention/define-retention.ts'
import { deleteOldCounts, deleteUnusedNetworks } from './watch.queries.ts'

/** Somebody who was not there for so long is new there again. */
export const unusedNetworks = defineRetention({
  name: 'networks',
  tables: ['watch_networks'],
  days: {
    default: 180,
    minimum: 30,
    maximum: 730,
    mayBeForEver: false,
  },
  what: {
    en: 'Networks from which those who manage a workspace or this server have signed in',
    de: 'Netze, aus denen sich angemeldet haben, die einen Arbeitsbereich oder diesen Server verwalten',
    fr: 'Réseaux depuis lesquels se sont connectées les personnes qui gèrent un espace de travail ou ce serveur',
    es: 'Redes desde las que han iniciado sesión quienes gestionan un espacio de trabajo o este servidor',
  },
  since: {
    en: 'the last sign-in from there',
    de: 'letzte Anmeldung von dort',
    fr: 'la dernière connexion depuis ce réseau',
    es: 'el último inicio de sesión desde ella',
  },
  purge: (tx, { before }) => deleteUnusedNetworks(tx, before),
})

export const hourlyCounts = defineRetention({
  name: 'hourly-counts',
  tables: ['watch_counts'],
  keeps: { days: 2 },
  what: {
    en: 'How often somebody downloaded or deleted files, or was refused, in an hour',
    de: 'Wie oft jemand in einer Stunde Dateien heruntergeladen, gelöscht oder eine Abweisung bekommen hat',
    fr: 'Nombre de téléchargements, de suppressions ou de refus d’une personne en une heure',
    es: 'Cuántas veces alguien descargó o borró archivos, o fue rechazado, en una hora',
  },
  since: {
    en: 'the beginning of the hour',
    de: 'Beginn der Stunde',
    fr: 'le début de l’heure',
    es: 'el comienzo de la hora',
  },
  why: {
    en: 'They are compared with the limits of the watch within the hour, and looked back at for a day.',
    de: 'Sie werden in der Stunde mit den Schwellen der Überwachung verglichen, und noch einen Tag lang nachgesehen.',
    fr: 'Ils sont comparés aux seuils de surveillance dans l’heure, et consultés encore un jour.',
    es: 'Se comparan con los umbrales de la vigilancia en esa hora, y se consultan un día más.',
  },
  purge: (tx, { before }) => deleteOldCounts(tx, before),
})
