import type { Starter, Starters } from './policies.placeholders.ts'
import { placeholder } from './policies.placeholders.ts'
import { frenchPrivacy } from './policies.starter.privacy.fr.ts'

const review = `> ${placeholder('Lire chaque ligne, changer ce qui n’est pas ainsi chez vous et retirer cette note')}
> Ce texte est un point de départ, pas un conseil juridique : faites-le vérifier si vous le pouvez.
`

const offered = {
  'self-hosted': `{{organisation}}, {{address}}, exploite {{instance}} à l’adresse {{public-url}} pour son propre travail, afin d’échanger des fichiers avec ceux avec qui elle travaille. Qui a un compte ici, ouvre un lien
sécurisé ou remet des fichiers l’utilise selon ces conditions. Elles ne remplacent pas un contrat que nous avons avec vous ou avec l’organisation pour laquelle vous
agissez : là où les deux diffèrent, le contrat l’emporte.

Elles ne s’appliquent pas aux instances du même logiciel que d’autres exploitent.`,
  'hosted': `{{organisation}}, {{address}}, propose {{instance}}, à l’adresse {{public-url}}, comme service à des organisations (clients). Ces conditions s’appliquent entre nous et un client, et à toute personne qui utilise le
service pour un client ou par un lien sécurisé. Qui crée un espace de travail pour une organisation confirme qu’il peut agir pour elle.

Elles ne s’appliquent pas aux instances du même logiciel que des clients ou d’autres exploitent sur leurs propres serveurs.`,
}

const paid = {
  'self-hosted': `Le service ne coûte rien aux personnes que nous invitons, sauf si nous avons convenu d’autre chose.`,
  'hosted': `Ce que coûte le service, et pour quelle durée, est ce dont le client a convenu avec nous : ${placeholder('Vos prix, conditions de paiement et délais de résiliation, ou l’endroit où les trouver')}`,
}

const rulesFor = {
  'self-hosted': 'Toutes les personnes qui utilisent cette instance suivent ces règles : les nôtres, celles que nous invitons et celles qui ouvrent un lien sécurisé. Nous l’exploitons et nous y veillons.',
  'hosted': 'Toutes les personnes qui utilisent le service que nous exploitons suivent ces règles. Les clients veillent à ce que les personnes de leurs espaces de travail les connaissent. Les instances que d’autres exploitent sur leurs propres serveurs ont les règles de qui les exploite.',
}

const listed = {
  'self-hosted': '{{organisation}} exploite elle-même cette instance. Là où d’autres traitent pour cela des données personnelles pour nous, ils figurent ici, avec ce qu’ils font et où.',
  'hosted': '{{organisation}} traite des données personnelles pour ses clients. Ceux à qui nous recourons pour cela à notre tour (sous-traitants ultérieurs) figurent ici, avec ce qu’ils font et où. Il s’agit du service que nous exploitons, pas des instances sur les serveurs d’autrui.',
}

const cookiesOf = {
  'self-hosted': 'Cette page porte sur les pages de cette instance, {{public-url}}, que {{organisation}} exploite.',
  'hosted': 'Cette page porte sur les pages du service à l’adresse {{public-url}}, que {{organisation}} exploite ; pas sur les instances que d’autres exploitent sur leurs propres serveurs.',
}

const texts: Starters = {
  'privacy': frenchPrivacy,

  'terms': mode => ({
    title: 'Conditions d’utilisation',
    highlights: [
      { title: 'Vos fichiers restent les vôtres', sentence: 'Nous les conservons et les remettons à ceux avec qui vous les partagez ; nous ne prétendons à rien d’autre.' },
      { title: 'Un lien s’ouvre à qui le détient', sentence: 'Ne l’envoyez qu’à ceux à qui il est destiné, et donnez-lui un mot de passe et une fin là où cela compte.' },
      { title: 'Un usage correct', sentence: 'Rien d’illicite, rien qui nuise à autrui ou au service.' },
    ],
    markdown: `${review}
## Qui propose quoi à qui

${offered[mode]}

## Votre compte

Donnez des indications vraies, et gardez pour vous ce avec quoi vous vous connectez. Ce qui est fait depuis votre compte est tenu pour fait par vous, jusqu’à ce que vous nous ayez dit que quelqu’un d’autre pourrait
l’avoir ; dites-le tout de suite : {{contact}}

Un compte appartient à une personne : n’en partagez aucun. Les administrateurs d’une organisation peuvent mettre fin à l’accès de ceux qui agissent pour elle.

## Vos fichiers

Ce que vous apportez reste à vous, ou à qui c’était. Vous nous laissez le conserver, le copier pour les sauvegardes et le remettre comme vous et vos administrateurs le réglez, et rien de plus. Vous confirmez
que vous pouvez l’apporter et le partager.

Ce qui est supprimé peut être restauré tant qu’il reste dans la corbeille ({{retention.trash}}). Le service n’est pas une archive : gardez vos propres copies de ce dont vous ne pouvez vous passer.

## Liens sécurisés

Un lien sécurisé s’ouvre à qui le détient, dans les limites qui lui ont été données. Qui en crée un répond de ceux à qui il est envoyé. Les ouvertures et les téléchargements sont consignés et montrés à
ceux qui gèrent le lien.

## Ce qui n’est pas permis

Ce que nos règles d’usage acceptable interdisent. En bref : rien d’illicite, rien qui nuise à autrui, aucune attaque du service, aucun contournement de ses limites.

Nous pouvons fermer un lien, un fichier ou un compte qui enfreint ces règles, dans la mesure et aussi longtemps qu’il le faut, et nous disons pourquoi aux personnes concernées, sauf si une loi l’interdit.

## Coûts

${paid[mode]}

::plans

## Données personnelles

Ce que nous collectons, pourquoi et combien de temps, la politique de confidentialité le dit.

## Disponibilité et responsabilité

${placeholder('Ce que vous promettez quant à la disponibilité et à l’assistance, et de quoi vous répondez, comme votre droit le permet')}

## La fin

Vous pouvez cesser d’utiliser le service à tout moment. Si nous y mettons fin, ou à votre accès, nous le disons assez tôt pour que vous puissiez reprendre vos fichiers, sauf si vous avez gravement enfreint ces conditions. Après
la fin, les fichiers sont supprimés comme le dit la politique de confidentialité.

## Changements, droit et tribunaux

Nous pouvons changer ces conditions pour une bonne raison. Le jour à partir duquel une version s’applique figure en haut ; les versions antérieures restent lisibles. Les membres apprennent les changements avant qu’ils
ne s’appliquent.

Ce droit s’applique : {{jurisdiction}}. Les droits qu’une loi vous donne comme consommateur, et que nulles conditions ne peuvent retirer, demeurent.
`,
  }),

  'cookies': mode => ({
    title: 'Cookies',
    highlights: [
      { title: 'Le nécessaire, sans plus', sentence: 'Les cookies vous gardent connecté et retiennent quel lien vous avez ouvert ; ils ne vous suivent pas.' },
      { title: 'Pas de tiers', sentence: 'Les pages ne chargent ni scripts, ni polices, ni images d’annonceurs ou de réseaux sociaux.' },
    ],
    markdown: `${review}
## De quoi il s’agit

${cookiesOf[mode]}

Un cookie est un petit morceau de texte qu’un site laisse dans votre navigateur et qui lui revient à chaque requête suivante. Les navigateurs ont aussi un stockage qu’une page lit elle-même et qui n’est pas
envoyé. Nous n’utilisons l’un et l’autre que pour ce que vous nous demandez.

## Ce que nous utilisons

::cookies

Ils sont nécessaires à ce que vous avez demandé : sans eux, personne ne pourrait rester connecté ni ouvrir un lien avec un mot de passe. C’est pourquoi nous ne demandons pas votre consentement.

## Mesure des visites

::analytics

## Ce que vous pouvez faire

Vous pouvez à tout moment effacer les cookies et le stockage dans les réglages de votre navigateur, et lui faire refuser les cookies. Vous êtes alors déconnecté, les choix que vous aviez faits sur cet appareil sont oubliés, et sans
cookies vous ne pouvez pas vous connecter.

Questions : {{contact}}

## Changements

Quand un cookie ou un autre but s’ajoute, cette page le dit ; le jour à partir duquel cette version s’applique figure en haut.
`,
  }),

  'acceptable-use': mode => ({
    title: 'Usage acceptable',
    highlights: [
      { title: 'Partagez ce que vous pouvez partager', sentence: 'Vos propres fichiers, et ceux que d’autres vous ont donnés pour cela.' },
      { title: 'Laissez les autres en paix', sentence: 'Pas de logiciel malveillant, pas de fraude, pas de harcèlement, pas d’espionnage.' },
      { title: 'Dites-le-nous', sentence: 'Qui voit un abus peut le signaler, avec ou sans compte.' },
    ],
    markdown: `${review}
## À qui s’adressent ces règles

${rulesFor[mode]}

## Ce qui ne doit être ni conservé ni partagé ici

- Ce qui est contraire au droit, avant tout les représentations d’abus d’enfants, les appels à la violence et ce qu’un tribunal a interdit.
- Ce qui porte atteinte aux droits d’autrui : œuvres que vous ne pouvez pas partager, secrets d’affaires, données personnelles sans droit sur elles.
- Les logiciels malveillants et tout ce qui est fait pour tromper : fausses pages de connexion, faux documents, fraudes.
- Ce qui harcèle, menace ou expose des personnes.

## Ce qui ne doit pas être fait ici

- Utiliser sans permission le compte ou le lien d’autrui, deviner des mots de passe, chercher à contourner les droits.
- Attaquer ou surcharger le service, ou éprouver sa sécurité sans en être convenu avec nous.
- Envoyer des e-mails ou des liens à des personnes qui ne les ont pas demandés et ne s’y attendent pas.
- Contourner les limites de stockage, de téléchargements ou de comptes, ou utiliser le service comme site public de téléchargement.
- Le revendre, sauf si nous en sommes convenus.

## Comment signaler un abus

Dites-nous où vous l’avez trouvé – le mieux est l’adresse du lien – et ce qui ne va pas : {{contact}}

Nous examinons chaque signalement, ne disons pas à l’autre partie qui vous êtes à moins d’y être obligés, et vous répondons. Qui trouve une faille du service et nous la dit d’abord, sans prendre de
données, a nos remerciements et n’a rien à craindre de nous.

## Ce que nous y faisons

Selon la gravité : demander une correction, fermer un lien ou un fichier, suspendre un compte, mettre fin à l’accès, avertir les autorités. Nous prenons le moyen le plus doux qui suffise, disons
pourquoi, et entendons les personnes concernées, avant s’il en est temps. Qui pense que nous avons tort peut demander un nouvel examen.
`,
  }),

  'imprint': () => ({
    title: 'Mentions légales',
    highlights: [],
    markdown: `${review}
## Éditeur

{{organisation}}

{{address}}

## Contact

::contact

${placeholder('Ce que votre droit demande encore : qui vous représente, téléphone, registre et numéro, numéro de TVA, autorité de contrôle, responsable de la publication, hébergeur ; sinon retirer cette ligne')}

## À propos de ce site

Voici {{instance}}, à l’adresse {{public-url}}.
`,
  }),

  'subprocessors': mode => ({
    title: 'Sous-traitants',
    highlights: [
      { title: 'Qui, quoi et où', sentence: 'Tous ceux qui traitent des données personnelles pour nous, avec leur tâche et leur lieu.' },
      { title: 'Lu sur le serveur en marche', sentence: 'Ce que le serveur lui-même envoie figure plus bas, selon ses réglages.' },
    ],
    markdown: `${review}
## Ce qu’est cette liste

${listed[mode]}

Chacun d’eux travaille sous un contrat qui le lie à nos instructions, au secret et à des mesures de protection, et ne reçoit que ce que sa tâche demande.

## Qui travaille pour nous

::subprocessors

## Ce que le serveur envoie ailleurs

::elsewhere

## Quand la liste change

Nous changeons cette page avant qu’un nouveau sous-traitant commence. Le jour à partir duquel cette version s’applique figure en haut, et les versions antérieures restent lisibles. Qui a des raisons contre un changement peut
nous les dire : {{contact}}
`,
  }),

  'page': () => ({
    title: 'Nouvelle page',
    highlights: [],
    markdown: `${placeholder('Écrire votre texte ici')}

Questions : {{contact}}
`,
  }),
}

/** French keeps a space before these signs, at which no line may break; it is not seen where it is written, so it is put in here. */
const spaced = (text: string) => text.replaceAll(/ (?=[:;?!](?:\s|$))/g, '\u00A0')

const withSpaces = ({ title, markdown, highlights }: Starter): Starter => ({
  title,
  markdown: spaced(markdown),
  highlights: highlights.map(each => ({
    title: each.title,
    sentence: spaced(each.sentence),
  })),
})

export const frenchStarters = Object.fromEntries(Object.entries(texts).map(([kind, text]) => [
  kind,
  (mode: Parameters<typeof text>[0]) => withSpaces(text(mode)),
])) as Starters
