import type { FactLanguage, LiveFact } from '../../facts/live-fact.ts'
import type { RegistrationMode } from '../auth/registration.policy.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { OidcService } from '../oidc/oidc.service.ts'
import { defineFact, literally } from '../../facts/live-fact.ts'

/** A type, not an interface: what can be kept has no other members. */
// eslint-disable-next-line ts/consistent-type-definitions -- see above
type SignIn = {
  registration: RegistrationMode
  domains: string[]
  operatorsNeedFactor: boolean
  /** By whose word one may sign in, as the sign-in page names them. */
  providers: string[]
}

interface Words {
  password: string
  providers: (names: string) => string
  registration: Record<RegistrationMode, (domains: string) => string>
  factors: string
  operatorsNeedFactor: string
}

const words: Record<FactLanguage, Words> = {
  en: {
    password: 'With an e-mail address and a password, of which only an Argon2id hash is kept.',
    providers: names => `By the word of another service: ${names}.`,
    registration: {
      invitation: () => 'An account begins with an invitation to a workspace.',
      closed: () => 'New accounts are made by those who run this deployment alone.',
      domain: domains => `Whoever reads mail at an address of one of these domains may make an account: ${domains}; and whoever is invited.`,
      open: () => 'Whoever reads mail at an address may make an account; and whoever is invited.',
    },
    factors: 'A second factor (an authenticator app, a passkey) can be added to each account; a workspace can ask its members for one.',
    operatorsNeedFactor: 'Those who run this deployment have to have one.',
  },
  de: {
    password: 'Mit einer E-Mail-Adresse und einem Passwort, von dem nur ein Argon2id-Hash aufbewahrt wird.',
    providers: names => `Über einen anderen Dienst, der für Sie bürgt: ${names}.`,
    registration: {
      invitation: () => 'Ein Konto beginnt mit der Einladung in einen Arbeitsbereich.',
      closed: () => 'Neue Konten legen allein die Betreiber dieser Instanz an.',
      domain: domains => `Wer Post an einer Adresse einer dieser Domains liest, kann ein Konto anlegen: ${domains}; außerdem, wer eingeladen ist.`,
      open: () => 'Wer Post an einer Adresse liest, kann ein Konto anlegen; außerdem, wer eingeladen ist.',
    },
    factors: 'Jedem Konto lässt sich ein zweiter Faktor hinzufügen (Authenticator-App, Passkey); ein Arbeitsbereich kann ihn von seinen Mitgliedern verlangen.',
    operatorsNeedFactor: 'Wer diese Instanz betreibt, muss einen haben.',
  },
  fr: {
    password: 'Avec une adresse e-mail et un mot de passe, dont seule une empreinte Argon2id est conservée.',
    providers: names => `Par un autre service qui se porte garant de vous : ${names}.`,
    registration: {
      invitation: () => 'Un compte commence par une invitation dans un espace de travail.',
      closed: () => 'Seuls les exploitants de cette instance créent de nouveaux comptes.',
      domain: domains => `Quiconque lit le courrier d’une adresse de l’un de ces domaines peut créer un compte : ${domains} ; de même que toute personne invitée.`,
      open: () => 'Quiconque lit le courrier d’une adresse peut créer un compte ; de même que toute personne invitée.',
    },
    factors: 'Un second facteur (application d’authentification, clé d’accès) peut être ajouté à chaque compte ; un espace de travail peut l’exiger de ses membres.',
    operatorsNeedFactor: 'Les exploitants de cette instance doivent en avoir un.',
  },
  es: {
    password: 'Con una dirección de correo y una contraseña, de la que solo se guarda un resumen Argon2id.',
    providers: names => `Por medio de otro servicio que responde por usted: ${names}.`,
    registration: {
      invitation: () => 'Una cuenta empieza con una invitación a un espacio de trabajo.',
      closed: () => 'Solo quienes gestionan esta instancia crean cuentas nuevas.',
      domain: domains => `Quien lea el correo de una dirección de uno de estos dominios puede crear una cuenta: ${domains}; y también quien reciba una invitación.`,
      open: () => 'Quien lea el correo de una dirección puede crear una cuenta; y también quien reciba una invitación.',
    },
    factors: 'A cada cuenta se le puede añadir un segundo factor (aplicación de autenticación, llave de acceso); un espacio de trabajo puede exigirlo a sus miembros.',
    operatorsNeedFactor: 'Quienes gestionan esta instancia deben tener uno.',
  },
}

/** How one signs in here, and how one comes to an account. */
export function signInFacts({ instance, oidc }: { instance: Pick<InstanceService, 'settings'>, oidc: Pick<OidcService, 'listProviders'> }): LiveFact[] {
  return [
    defineFact<SignIn>({
      name: 'sign-in',
      form: 'block',
      async read() {
        const { registration, registrationDomains, operatorsNeedFactor } = await instance.settings()
        return {
          registration,
          domains: registration === 'domain'
            ? registrationDomains
            : [],
          operatorsNeedFactor,
          providers: (await oidc.listProviders()).map(({ name }) => name),
        }
      },
      words({ registration, domains, operatorsNeedFactor, providers }, language) {
        const { [language]: said } = words
        const list = (names: readonly string[]) => new Intl.ListFormat(language, { type: 'conjunction' }).format(names.map(literally))
        return [
          said.password,
          ...providers.length > 0
            ? [
                said.providers(list(providers)),
              ]
            : [],
          said.registration[registration](list(domains)),
          operatorsNeedFactor
            ? `${said.factors} ${said.operatorsNeedFactor}`
            : said.factors,
        ].map(line => `- ${line}`).join('\n')
      },
      label: {
        en: 'How one signs in here',
        de: 'Wie man sich hier anmeldet',
        fr: 'Comment on se connecte ici',
        es: 'Cómo se inicia sesión aquí',
      },
    }),
  ]
}
