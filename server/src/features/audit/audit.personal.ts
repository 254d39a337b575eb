import type { PersonalData } from '../../personal-data/define-personal-data.ts'

/** What the log holds about people. */
export const auditPersonal: PersonalData = {
  name: 'audit-log',
  category: 'technical',
  what: {
    en: 'Audit log: who did what when, IP address, browser; visits to links and refusals too',
    de: 'Protokoll: wer was wann getan hat, IP-Adresse, Browser; auch Besuche von Links und Abweisungen',
    fr: 'Journal d’audit : qui a fait quoi et quand, adresse IP, navigateur ; les visites de liens et les refus aussi',
    es: 'Registro de auditoría: quién hizo qué y cuándo, dirección IP, navegador; también las visitas a enlaces y los rechazos',
  },
  why: {
    en: 'To prove what happened, and to notice misuse',
    de: 'Um zu belegen, was geschah, und Missbrauch zu bemerken',
    fr: 'Pour prouver ce qui s’est passé, et remarquer les abus',
    es: 'Para probar lo que ocurrió y detectar abusos',
  },
  ends: 'audit',
  columns: {
    audit_events: ['details'],
    audit_personal: [
      'actor_name',
      'ip',
      'user_agent',
      'subject_name',
      'details',
    ],
  },
}

/** What it holds besides. */
export const auditNotPersonal = {
  audit_chains: ['hash'],
  audit_events: [
    'action',
    'actor_kind',
    'subject_kind',
    'via',
    'commitments',
    'previous_hash',
    'hash',
  ],
  audit_former_heads: ['hash'],
  audit_personal: [
    'actor_salt',
    'origin_salt',
    'subject_salt',
    'details_salt',
  ],
}
