import type { Static, TObject, TProperties } from 'typebox'
import { Type } from 'typebox'
import { Errors } from 'typebox/value'

/** In which mails are written. */
export const mailLanguages = ['en', 'de'] as const
export type MailLanguage = typeof mailLanguages[number]

/** The first of these that mails are written in; English when none is. */
export const mailLanguageOf = (...wanted: (string | null | undefined)[]): MailLanguage =>
  wanted.flatMap(each => mailLanguages.filter(language => language === each?.slice(0, 2)))[0] ?? 'en'

/** What a mail says. Both its forms are made of it (`render-mail.ts`): no template has markup. */
export interface MailText {
  subject: string
  heading: string
  paragraphs: string[]
  /** Several things of a kind, under what they have in common; without a title when there is but one group. */
  groups?: { title: string, lines: string[] }[]
  /** What an operator wrote, as Markdown (`prose.ts`): it stands below the paragraphs. */
  prose?: string
  /** The one thing to do. Below PUBLIC_URL, so no mail leads elsewhere. */
  action?: { label: string, path: string }
  facts?: [label: string, value: string][]
  /** Why this mail came. */
  reason: string
}

/** What the words of a mail may use besides its data. */
export interface MailWords {
  /** A time as people read it, by the clock of whoever gets the mail, with its zone. */
  when: (instant: string) => string
  /** Whose mail it is. */
  sender: string
}

export interface MailDefinition<Data extends TProperties = TProperties, Secrets extends TProperties = TProperties> {
  /** Dotted, begins with the feature that sends it. */
  name: string
  /** It is sent whether or not somebody wants news: they asked for it, or have to know. Any other has the secret `unsubscribePath`. */
  essential: boolean
  /** What stands in the outbox in clear. */
  data: TObject<Data>
  /** What opens something: kept sealed. `replyTag`: answers come in under it, where they are read; empty where they are not. */
  secrets: TObject<Secrets>
  /** Which of the data is an operator's Markdown: it keeps its lines and its links. Nobody else's words may be in it. */
  prose?: keyof Data & string
  /** `de`: what of it people would write in German. */
  sample: { data: Static<TObject<Data>>, secrets: Static<TObject<Secrets>>, de?: Partial<Static<TObject<Data>>> }
  words: Record<MailLanguage, (data: Static<TObject<Data>> & Static<TObject<Secrets>>, words: MailWords) => MailText>
}

/** One kind of mail. `mails.ts` lists all. */
export function defineMail<Data extends TProperties, Secrets extends TProperties>({ data, secrets, ...rest }: Omit<MailDefinition<Data, Secrets>, 'data' | 'secrets'> & { data: Data, secrets: Secrets }): MailDefinition<Data, Secrets> {
  if (!rest.essential && !('unsubscribePath' in secrets)) throw new Error(`A mail “${rest.name}” is not essential, and has no unsubscribePath`)
  return {
    ...rest,
    data: Type.Object(data, { additionalProperties: false }),
    secrets: Type.Object(secrets, { additionalProperties: false }),
  }
}

/** What a mail is shown with where nothing is told. */
export const sampleIn = ({ sample: { data, secrets, de } }: MailDefinition, language: MailLanguage): { data: object, secrets: object } => ({
  data: language === 'de'
    ? {
        ...data,
        ...de,
      }
    : data,
  secrets,
})

/** @throws {Error} when it is not what the template asks for */
export function requireFits(definition: MailDefinition, given: { data: unknown, secrets: unknown }): void {
  for (const part of ['data', 'secrets'] as const) {
    const [wrong] = Errors(definition[part], given[part])
    if (wrong) throw new Error(`The ${part} of a mail “${definition.name}” do not fit: ${wrong.instancePath} ${wrong.message}`)
  }
}
