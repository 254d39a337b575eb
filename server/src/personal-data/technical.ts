import type { PersonalData } from './define-personal-data.ts'

export const technicalData: readonly PersonalData[] = [
  {
    name: 'sessions',
    category: 'technical',
    what: {
      en: 'Sessions: IP address, browser, sign-in and last use',
      de: 'Sitzungen: IP-Adresse, Browser, Anmeldung und letzte Nutzung',
      fr: 'Sessions : adresse IP, navigateur, connexion et dernière utilisation',
      es: 'Sesiones: dirección IP, navegador, inicio de sesión y último uso',
    },
    why: {
      en: 'To keep you signed in, and to end sessions that are not yours',
      de: 'Um Sie angemeldet zu halten und fremde Sitzungen zu beenden',
      fr: 'Pour vous garder connecté, et terminer les sessions qui ne sont pas les vôtres',
      es: 'Para mantener su sesión y cerrar las que no son suyas',
    },
    ends: 'sessions',
    columns: {
      sessions: [
        'token_hash',
        'previous_token_hash',
        'oidc_sid',
        'ip',
        'user_agent',
      ],
    },
  },
  {
    name: 'unfinished-sign-ins',
    category: 'technical',
    what: {
      en: 'Sign-ins under way',
      de: 'Laufende Anmeldungen',
      fr: 'Connexions en cours',
      es: 'Inicios de sesión en curso',
    },
    why: {
      en: 'To finish them',
      de: 'Um sie zu beenden',
      fr: 'Pour les terminer',
      es: 'Para terminarlos',
    },
    ends: 'sign-ins',
    columns: {
      sign_in_steps: [
        'token_hash',
        'oidc_sid',
        'email_code_hash',
        'via',
        'ip',
        'user_agent',
      ],
      email_codes: ['token_hash', 'code_hash'],
      oidc_states: [
        'state_hash',
        'code_verifier',
        'nonce',
        'next',
      ],
      passkey_challenges: ['challenge'],
    },
  },
  {
    name: 'password-links',
    category: 'technical',
    what: {
      en: 'Links to a new password, as hashes',
      de: 'Links zu einem neuen Passwort, als Hash',
      fr: 'Liens vers un nouveau mot de passe, sous forme d’empreintes',
      es: 'Enlaces a una contraseña nueva, como hash',
    },
    why: {
      en: 'To let somebody in who lost theirs',
      de: 'Um einzulassen, wer das eigene verloren hat',
      fr: 'Pour laisser entrer qui a perdu le sien',
      es: 'Para dejar entrar a quien perdió la suya',
    },
    ends: 'password-links',
    columns: {
      password_resets: ['token_hash'],
    },
  },
  {
    name: 'devices',
    category: 'technical',
    what: {
      en: 'Browsers that you have signed in with, as hashes',
      de: 'Browser, mit denen Sie sich angemeldet haben, als Hash',
      fr: 'Navigateurs avec lesquels vous vous êtes connecté, sous forme d’empreintes',
      es: 'Navegadores con los que inició sesión, como hash',
    },
    why: {
      en: 'To tell you of a sign-in from another',
      de: 'Um Ihnen eine Anmeldung mit einem anderen zu melden',
      fr: 'Pour vous signaler une connexion depuis un autre',
      es: 'Para avisarle de un inicio de sesión desde otro',
    },
    ends: 'devices',
    columns: {
      known_devices: ['mark'],
    },
  },
  {
    name: 'networks',
    category: 'technical',
    what: {
      en: 'Networks from which those who manage something signed in: the first part of the IP address',
      de: 'Netze, aus denen sich Verwaltende angemeldet haben: der erste Teil der IP-Adresse',
      fr: 'Réseaux depuis lesquels les gestionnaires se sont connectés : le début de l’adresse IP',
      es: 'Redes desde las que iniciaron sesión quienes gestionan algo: la primera parte de la dirección IP',
    },
    why: {
      en: 'To tell the others of a sign-in from a new one',
      de: 'Um den anderen eine Anmeldung aus einem neuen zu melden',
      fr: 'Pour signaler aux autres une connexion depuis un nouveau réseau',
      es: 'Para avisar a los demás de un inicio de sesión desde una nueva',
    },
    ends: 'networks',
    columns: {
      watch_networks: ['network'],
    },
  },
  {
    name: 'failed-attempts',
    category: 'technical',
    what: {
      en: 'Failed attempts: how often, by account or link and by IP address',
      de: 'Fehlversuche: wie oft, je Konto oder Link und je IP-Adresse',
      fr: 'Tentatives échouées : combien, par compte ou lien et par adresse IP',
      es: 'Intentos fallidos: cuántos, por cuenta o enlace y por dirección IP',
    },
    why: {
      en: 'To slow down guessing',
      de: 'Um das Raten zu bremsen',
      fr: 'Pour ralentir les essais au hasard',
      es: 'Para frenar a quien prueba al azar',
    },
    ends: 'failed-attempts',
    columns: {
      throttles: ['key'],
    },
  },
  {
    name: 'visits',
    category: 'technical',
    what: {
      en: 'Visits to links within the hour, network and browser as hashes',
      de: 'Besuche von Links in der Stunde, Netz und Browser als Hash',
      fr: 'Visites de liens dans l’heure, réseau et navigateur sous forme d’empreintes',
      es: 'Visitas a enlaces en la hora, red y navegador como hash',
    },
    why: {
      en: 'To tell of each once',
      de: 'Um von jedem einmal zu erzählen',
      fr: 'Pour n’en parler qu’une fois',
      es: 'Para contarlas una sola vez',
    },
    ends: 'link-visits',
    columns: {
      link_visits: ['source', 'what'],
    },
  },
  {
    name: 'requests-under-way',
    category: 'technical',
    what: {
      en: 'Downloads under way, and answers to recent requests, encrypted',
      de: 'Laufende Downloads, und Antworten auf jüngste Anfragen, verschlüsselt',
      fr: 'Téléchargements en cours, et réponses aux requêtes récentes, chiffrées',
      es: 'Descargas en curso, y respuestas a solicitudes recientes, cifradas',
    },
    why: {
      en: 'To survive a lost connection',
      de: 'Um eine verlorene Verbindung zu überstehen',
      fr: 'Pour survivre à une connexion perdue',
      es: 'Para sobrevivir a una conexión perdida',
    },
    ends: 'downloads',
    columns: {
      download_tickets: ['token_hash', 'holder_hash', 'copy'],
      idempotency_keys: ['owner', 'answer'],
    },
  },
  {
    name: 'deletions',
    category: 'technical',
    what: {
      en: 'Deletions for ever under way: who asked, IP address, browser',
      de: 'Laufende endgültige Löschungen: wer sie verlangt hat, IP-Adresse, Browser',
      fr: 'Suppressions définitives en cours : qui les a demandées, adresse IP, navigateur',
      es: 'Eliminaciones definitivas en curso: quién las pidió, dirección IP, navegador',
    },
    why: {
      en: 'To write them into the log when they end',
      de: 'Um sie an ihrem Ende ins Protokoll zu schreiben',
      fr: 'Pour les inscrire au journal à leur fin',
      es: 'Para anotarlas en el registro cuando terminan',
    },
    ends: 'deletions',
    columns: {
      purges: ['caller'],
    },
  },
]
