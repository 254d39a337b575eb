import { defineRetention, spanOf } from '../../retention/define-retention.ts'
import { UNDONE_WITHIN_MS } from './email-changes.service.ts'
import { PASSED_ON_MS } from './password-resets.service.ts'
import * as queries from './users-retention.queries.ts'

export const passwordLinks = defineRetention({
  name: 'password-links',
  tables: ['password_resets'],
  keeps: spanOf(PASSED_ON_MS),
  what: {
    en: 'Links by which somebody sets a new password',
    de: 'Links, mit denen jemand ein neues Passwort setzt',
    fr: 'Liens permettant de choisir un nouveau mot de passe',
    es: 'Enlaces para poner una contraseña nueva',
  },
  since: {
    en: 'the making of the link, at most',
    de: 'Anlegen des Links, höchstens',
    fr: 'la création du lien, au plus',
    es: 'la creación del enlace, como máximo',
  },
  why: {
    en: 'As long as such a link is good.',
    de: 'So lange, wie ein solcher Link gilt.',
    fr: 'Aussi longtemps qu’un tel lien est valable.',
    es: 'Mientras un enlace así es válido.',
  },
  purge: (tx, { now }) => queries.deleteExpiredResets(tx, now),
})

export const emailChanges = defineRetention({
  name: 'email-changes',
  tables: ['email_changes'],
  keeps: spanOf(UNDONE_WITHIN_MS),
  what: {
    en: 'The e-mail address before the present one',
    de: 'Die E-Mail-Adresse vor der jetzigen',
    fr: 'L’adresse e-mail précédente',
    es: 'La dirección de correo anterior',
  },
  since: {
    en: 'the change of the address',
    de: 'Änderung der Adresse',
    fr: 'le changement d’adresse',
    es: 'el cambio de dirección',
  },
  why: {
    en: 'So long whoever had the old address may take the change back.',
    de: 'So lange kann, wer die alte Adresse hat, die Änderung zurücknehmen.',
    fr: 'Pendant ce temps, qui possède l’ancienne adresse peut annuler le changement.',
    es: 'Durante ese tiempo, quien tiene la dirección antigua puede deshacer el cambio.',
  },
  purge: (tx, { now }) => queries.deleteEndedChanges(tx, now),
})
