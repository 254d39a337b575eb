import type { PersonalData } from './define-personal-data.ts'

export const filesData: readonly PersonalData[] = [
  {
    name: 'files',
    category: 'files',
    what: {
      en: 'Files and folders with all versions: names, sizes, checksums, who brought them and when',
      de: 'Dateien und Ordner mit allen Versionen: Namen, Größen, Prüfsummen, wer sie wann gebracht hat',
      fr: 'Fichiers et dossiers avec toutes leurs versions : noms, tailles, sommes de contrôle, qui les a déposés et quand',
      es: 'Archivos y carpetas con todas sus versiones: nombres, tamaños, sumas de comprobación, quién los trajo y cuándo',
    },
    why: {
      en: 'This is the service',
      de: 'Das ist der Dienst',
      fr: 'C’est le service',
      es: 'Es el servicio',
    },
    ends: 'workspace',
    columns: {
      items: ['name', 'name_key', 'search_text'],
      spaces: ['name'],
      workspaces: ['name', 'slug'],
    },
  },
  {
    name: 'uploads',
    category: 'files',
    what: {
      en: 'Uploads under way: the name of the file, who sends it',
      de: 'Laufende Uploads: der Name der Datei, wer sie sendet',
      fr: 'Envois en cours : le nom du fichier, qui l’envoie',
      es: 'Subidas en curso: el nombre del archivo, quién lo envía',
    },
    why: {
      en: 'To resume them',
      de: 'Um sie fortzusetzen',
      fr: 'Pour les reprendre',
      es: 'Para reanudarlas',
    },
    ends: 'uploads',
    columns: {
      uploads: ['name'],
    },
  },
  {
    name: 'links',
    category: 'files',
    what: {
      en: 'Secure links: title, message, who made them, how often they were opened and downloaded; a password only as a hash',
      de: 'Links: Titel, Nachricht, wer sie angelegt hat, wie oft sie geöffnet und genutzt wurden; ein Passwort nur als Hash',
      fr: 'Liens sécurisés : titre, message, qui les a créés, combien de fois ils ont été ouverts et utilisés ; un mot de passe seulement sous forme d’empreinte',
      es: 'Enlaces seguros: título, mensaje, quién los creó, cuántas veces se abrieron y descargaron; una contraseña solo como hash',
    },
    why: {
      en: 'To share files within the limits that were set',
      de: 'Um Dateien in den gesetzten Grenzen zu teilen',
      fr: 'Pour partager des fichiers dans les limites fixées',
      es: 'Para compartir archivos dentro de los límites fijados',
    },
    ends: 'links',
    columns: {
      links: [
        'title',
        'search_text',
        'message',
        'password_hash',
      ],
    },
  },
]
