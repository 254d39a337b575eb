import { defineRetention } from '../../retention/define-retention.ts'

export const auditLogKept = defineRetention({
  name: 'audit',
  tables: [
    'audit_chains',
    'audit_events',
    'audit_personal',
    'audit_mentions',
    'audit_former_heads',
  ],
  keeps: 'for-ever',
  what: {
    en: 'The audit log: who did what with what and when, from which IP address and browser',
    de: 'Das Protokoll: wer was womit wann getan hat, von welcher IP-Adresse und mit welchem Browser',
    fr: 'Le journal d’audit : qui a fait quoi, avec quoi et quand, depuis quelle adresse IP et quel navigateur',
    es: 'El registro de auditoría: quién hizo qué, con qué y cuándo, desde qué dirección IP y navegador',
  },
  since: {
    en: 'the event',
    de: 'Ereignis',
    fr: 'l’événement',
    es: 'el suceso',
  },
  why: {
    en: 'Each line is chained to the one before, as proof: none can be taken out yet without breaking it. Names and addresses in it can be erased.',
    de: 'Jede Zeile ist als Beweis mit der davor verkettet: Noch lässt sich keine herausnehmen, ohne die Kette zu brechen. Namen und Adressen darin lassen sich tilgen.',
    fr: 'Chaque ligne est enchaînée à la précédente, pour faire preuve : aucune ne peut encore être retirée sans rompre la chaîne. Les noms et adresses qui y figurent peuvent être effacés.',
    es: 'Cada línea está encadenada a la anterior, como prueba: todavía no se puede quitar ninguna sin romper la cadena. Los nombres y direcciones que contiene se pueden borrar.',
  },
})
