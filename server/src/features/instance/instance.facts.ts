import type { LiveFact } from '../../facts/live-fact.ts'
import type { InstanceService } from './instance.service.ts'
import { defineFact, literally } from '../../facts/live-fact.ts'

/** Who runs this deployment, and where it is. */
export function instanceFacts({ instance }: { instance: Pick<InstanceService, 'settings'> }): LiveFact[] {
  return [
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
