import type { LiveFact } from '../../facts/live-fact.ts'
import type { InstanceService } from './instance.service.ts'
import { defineFact, literally } from '../../facts/live-fact.ts'

/** The address, or the form that stands in for it. */
type Contact = { email: string } | { form: string }

const FORM = {
  en: 'contact form',
  de: 'Kontaktformular',
  fr: 'formulaire de contact',
  es: 'formulario de contacto',
}
const WRITE_TO = {
  en: 'Write to',
  de: 'Schreiben Sie an',
  fr: 'Écrivez à',
  es: 'Escriba a',
}
const USE = {
  en: 'Ask us with the',
  de: 'Fragen Sie uns über das',
  fr: 'Posez-nous votre question par le',
  es: 'Pregúntenos con el',
}

/** Who runs this deployment, and where it is. */
export function instanceFacts({ instance }: { instance: Pick<InstanceService, 'settings'> }): LiveFact[] {
  return [
    defineFact<string>({
      name: 'instance',
      form: 'inline',
      read: async () => (await instance.settings()).name,
      words: literally,
      label: {
        en: 'Name of this deployment',
        de: 'Name dieser Instanz',
        fr: 'Nom de cette instance',
        es: 'Nombre de esta instancia',
      },
    }),
    defineFact<string>({
      name: 'organisation',
      form: 'inline',
      read: async () => (await instance.settings()).organisation || null,
      words: literally,
      missing: {
        en: 'Name of the organisation (Instance settings → Organisation)',
        de: 'Name der Organisation (Instanz-Einstellungen → Organisation)',
        fr: 'Nom de l’organisation (Paramètres de l’instance → Organisation)',
        es: 'Nombre de la organización (Ajustes de la instancia → Organización)',
      },
      label: {
        en: 'Name of the organisation',
        de: 'Name der Organisation',
        fr: 'Nom de l’organisation',
        es: 'Nombre de la organización',
      },
    }),
    defineFact<string>({
      name: 'address',
      form: 'inline',
      read: async () => (await instance.settings()).postalAddress || null,
      words: literally,
      missing: {
        en: 'Postal address (Instance settings → Postal address)',
        de: 'Postanschrift (Instanz-Einstellungen → Postanschrift)',
        fr: 'Adresse postale (Paramètres de l’instance → Adresse postale)',
        es: 'Dirección postal (Ajustes de la instancia → Dirección postal)',
      },
      label: {
        en: 'Postal address',
        de: 'Postanschrift',
        fr: 'Adresse postale',
        es: 'Dirección postal',
      },
    }),
    defineFact<Contact>({
      name: 'contact',
      form: 'inline',
      async read() {
        const { contactEmail, publicUrl } = await instance.settings()
        return contactEmail === ''
          ? { form: `${publicUrl}/contact` }
          : { email: contactEmail }
      },
      words: (contact, language) => 'email' in contact
        ? literally(contact.email)
        : `[${FORM[language]}](<${contact.form}>)`,
      blockWords: (contact, language) => 'email' in contact
        ? `${WRITE_TO[language]} ${literally(contact.email)}`
        : `${USE[language]} [${FORM[language]}](<${contact.form}>)`,
      label: {
        en: 'Where to ask: contact e-mail or form',
        de: 'Wohin Fragen gehen: Kontaktadresse oder Formular',
        fr: 'Où poser une question : adresse de contact ou formulaire',
        es: 'Dónde preguntar: correo de contacto o formulario',
      },
    }),
    defineFact<string>({
      name: 'public-url',
      form: 'inline',
      read: async () => (await instance.settings()).publicUrl,
      words: url => `<${url}>`,
      label: {
        en: 'Address of this deployment',
        de: 'Adresse dieser Instanz',
        fr: 'Adresse de cette instance',
        es: 'Dirección de esta instancia',
      },
    }),
  ]
}
