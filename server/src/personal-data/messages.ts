import type { PersonalData } from './define-personal-data.ts'

export const messagesData: readonly PersonalData[] = [
  {
    name: 'notifications',
    category: 'messages',
    what: {
      en: 'Notifications: what happened that concerns you, and who did it',
      de: 'Mitteilungen: was Sie Betreffendes geschah, und wer es getan hat',
      fr: 'Notifications : ce qui vous concerne, et qui l’a fait',
      es: 'Avisos: lo que ocurrió que le afecta, y quién lo hizo',
    },
    why: {
      en: 'To tell you of it',
      de: 'Um Ihnen davon zu erzählen',
      fr: 'Pour vous en informer',
      es: 'Para informarle de ello',
    },
    ends: 'notifications',
    columns: {
      notification_lines: ['actor_name', 'place_name'],
      notification_events: ['subject_name', 'details'],
    },
  },
  {
    name: 'mails',
    category: 'messages',
    what: {
      en: 'Mails: address, name, subject and the data in them, answers of the mail server',
      de: 'E-Mails: Adresse, Name, Betreff und die Daten darin, Antworten des Mailservers',
      fr: 'E-mails : adresse, nom, objet et données qu’ils contiennent, réponses du serveur',
      es: 'Correos: dirección, nombre, asunto y los datos que contienen, respuestas del servidor',
    },
    why: {
      en: 'To send them, and to find out why one did not arrive',
      de: 'Um sie zu senden und herauszufinden, warum eine nicht ankam',
      fr: 'Pour les envoyer, et savoir pourquoi l’un n’est pas arrivé',
      es: 'Para enviarlos y averiguar por qué uno no llegó',
    },
    ends: 'mails',
    columns: {
      mails: [
        'key',
        'to_address',
        'to_key',
        'to_name',
        'sender',
        'subject',
        'data',
        'sealed',
      ],
      mail_attempts: ['reply'],
    },
  },
  {
    name: 'dead-addresses',
    category: 'messages',
    what: {
      en: 'Addresses that a mail server said do not exist',
      de: 'Adressen, von denen ein Mailserver sagte, dass es sie nicht gibt',
      fr: 'Adresses qu’un serveur de messagerie a dites inexistantes',
      es: 'Direcciones que un servidor de correo dijo que no existen',
    },
    why: {
      en: 'To write to nobody who is not there',
      de: 'Um niemandem zu schreiben, den es nicht gibt',
      fr: 'Pour n’écrire à personne qui n’existe pas',
      es: 'Para no escribir a quien no existe',
    },
    ends: 'deployment',
    columns: {
      mail_suppressions: ['address_key', 'reply'],
    },
  },
  {
    name: 'requests',
    category: 'messages',
    what: {
      en: 'Requests: name, e-mail address, company, message, IP address, browser',
      de: 'Anfragen: Name, E-Mail-Adresse, Firma, Nachricht, IP-Adresse, Browser',
      fr: 'Demandes : nom, adresse e-mail, société, message, adresse IP, navigateur',
      es: 'Solicitudes: nombre, dirección de correo, empresa, mensaje, dirección IP, navegador',
    },
    why: {
      en: 'To answer you',
      de: 'Um Ihnen zu antworten',
      fr: 'Pour vous répondre',
      es: 'Para responderle',
    },
    ends: 'requests',
    columns: {
      requests: [
        'name',
        'email',
        'company',
        'message',
        'ip',
        'user_agent',
      ],
    },
  },
  {
    name: 'operator',
    category: 'messages',
    what: {
      en: 'What those who run this service say of themselves: organisation, contact, announcements, policies',
      de: 'Was die Betreiber von sich sagen: Organisation, Kontakt, Ankündigungen, Richtlinien',
      fr: 'Ce que l’exploitant dit de lui-même : organisation, contact, annonces, politiques',
      es: 'Lo que dice de sí mismo quien opera el servicio: organización, contacto, anuncios, políticas',
    },
    why: {
      en: 'To say who is responsible',
      de: 'Um zu sagen, wer verantwortlich ist',
      fr: 'Pour dire qui est responsable',
      es: 'Para decir quién es responsable',
    },
    ends: 'deployment',
    columns: {
      instance: [
        'name',
        'organisation',
        'contact_email',
        'postal_address',
      ],
      announcements: ['texts', 'outcome'],
      policies: ['draft_title', 'draft_markdown'],
      policy_versions: ['title', 'markdown', 'summary'],
    },
  },
]
