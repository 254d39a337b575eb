import type { PersonalData } from './define-personal-data.ts'

export const accountData: readonly PersonalData[] = [
  {
    name: 'accounts',
    category: 'account',
    what: {
      en: 'Account: name, e-mail address, language, time zone, a picture if you chose one; the password only as a hash',
      de: 'Konto: Name, E-Mail-Adresse, Sprache, Zeitzone, ein Bild, wenn Sie eines gewählt haben; das Passwort nur als Hash',
      fr: 'Compte : nom, adresse e-mail, langue, fuseau horaire, une image si vous en avez choisi une ; le mot de passe seulement sous forme d’empreinte',
      es: 'Cuenta: nombre, dirección de correo, idioma, zona horaria, una imagen si la eligió; la contraseña solo como hash',
    },
    why: {
      en: 'To let people in, and to show who did what',
      de: 'Um Menschen einzulassen und zu zeigen, wer was getan hat',
      fr: 'Pour laisser entrer les personnes et montrer qui a fait quoi',
      es: 'Para dejar entrar a las personas y mostrar quién hizo qué',
    },
    ends: 'account',
    columns: {
      users: [
        'name',
        'email',
        'email_key',
        'password_hash',
        'locale',
        'time_zone',
      ],
      user_pictures: ['image'],
    },
  },
  {
    name: 'sign-in-ways',
    category: 'account',
    what: {
      en: 'Ways to sign in: passkeys, authenticator app (encrypted), recovery codes (as hashes), access tokens (as hashes) with their last address, who you are at a provider',
      de: 'Wege zur Anmeldung: Passkeys, Authenticator-App (verschlüsselt), Notfallcodes (als Hash), Zugriffstoken (als Hash) mit letzter Adresse, wer Sie bei einem Anbieter sind',
      fr: 'Moyens de connexion : clés d’accès, application d’authentification (chiffrée), codes de secours (empreintes), jetons d’accès (empreintes) avec leur dernière adresse, qui vous êtes chez un fournisseur',
      es: 'Formas de iniciar sesión: claves de acceso, aplicación de autenticación (cifrada), códigos de recuperación (como hash), tokens de acceso (como hash) con su última dirección, quién es en un proveedor',
    },
    why: {
      en: 'To let nobody in but you',
      de: 'Um niemanden außer Ihnen einzulassen',
      fr: 'Pour ne laisser entrer que vous',
      es: 'Para no dejar entrar a nadie más que a usted',
    },
    ends: 'person',
    columns: {
      passkeys: ['credential_id', 'public_key', 'name'],
      totp_factors: ['secret'],
      recovery_codes: ['code_hash'],
      access_tokens: ['name', 'token_hash', 'last_used_ip'],
      oidc_identities: ['subject', 'label'],
    },
  },
  {
    name: 'acceptances',
    category: 'account',
    what: {
      en: 'Which policies you agreed to: version, language, time, where you were asked, your network address. What you agreed to with a request, without an account: your e-mail address too, as long as the request is kept',
      de: 'Welchen Richtlinien Sie zugestimmt haben: Fassung, Sprache, Zeit, wo Sie gefragt wurden, Ihre Netzwerkadresse. Wem Sie mit einer Anfrage zugestimmt haben, ohne Konto: auch Ihre E-Mail-Adresse, so lange wie die Anfrage',
      fr: 'Les politiques que vous avez acceptées : version, langue, date, où la question vous a été posée, votre adresse réseau. Celles acceptées avec une demande, sans compte : votre adresse e-mail aussi, aussi longtemps que la demande est conservée',
      es: 'Qué políticas aceptó: versión, idioma, fecha, dónde se le preguntó, su dirección de red. Las que aceptó con una solicitud, sin cuenta: también su dirección de correo, mientras se conserve la solicitud',
    },
    why: {
      en: 'To show later what was agreed',
      de: 'Um später zu zeigen, was vereinbart war',
      fr: 'Pour montrer plus tard ce qui a été convenu',
      es: 'Para mostrar más tarde lo que se acordó',
    },
    ends: 'account',
    columns: {
      policy_acceptances: ['email', 'ip'],
    },
  },
  {
    name: 'unfinished-accounts',
    category: 'account',
    what: {
      en: 'Accounts that are not finished: the e-mail address',
      de: 'Nicht fertige Konten: die E-Mail-Adresse',
      fr: 'Comptes inachevés : l’adresse e-mail',
      es: 'Cuentas sin terminar: la dirección de correo',
    },
    why: {
      en: 'To prove the address before there is an account',
      de: 'Um die Adresse zu belegen, bevor es ein Konto gibt',
      fr: 'Pour vérifier l’adresse avant qu’un compte n’existe',
      es: 'Para comprobar la dirección antes de que exista la cuenta',
    },
    ends: 'registrations',
    columns: {
      registrations: ['email', 'email_key', 'token_hash'],
    },
  },
  {
    name: 'changed-addresses',
    category: 'account',
    what: {
      en: 'E-mail address before and after a change',
      de: 'E-Mail-Adresse vor und nach einer Änderung',
      fr: 'Adresse e-mail avant et après un changement',
      es: 'Dirección de correo antes y después de un cambio',
    },
    why: {
      en: 'To confirm a change, and to take it back',
      de: 'Um eine Änderung zu bestätigen und zurückzunehmen',
      fr: 'Pour confirmer un changement, et l’annuler',
      es: 'Para confirmar un cambio, y deshacerlo',
    },
    ends: 'email-changes',
    columns: {
      email_changes: [
        'from_email',
        'from_key',
        'to_email',
        'to_key',
        'token_hash',
        'undo_hash',
      ],
    },
  },
  {
    name: 'invitations',
    category: 'account',
    what: {
      en: 'Membership and invitations: who is in which workspace with which role; the address of whoever was invited',
      de: 'Zugehörigkeit und Einladungen: wer in welchem Arbeitsbereich welche Rolle hat; die Adresse der Eingeladenen',
      fr: 'Appartenance et invitations : qui est dans quel espace avec quel rôle ; l’adresse de la personne invitée',
      es: 'Pertenencia e invitaciones: quién está en qué espacio y con qué rol; la dirección de quien fue invitado',
    },
    why: {
      en: 'To decide who may see what',
      de: 'Um zu entscheiden, wer was sehen darf',
      fr: 'Pour décider qui peut voir quoi',
      es: 'Para decidir quién puede ver qué',
    },
    ends: 'workspace',
    columns: {
      invitations: [
        'email',
        'token_hash',
        'mailed_token_hash',
        'email_key',
      ],
    },
  },
]
