import type { Starters } from './policies.placeholders.ts'
import { placeholder } from './policies.placeholders.ts'

const whom = {
  'self-hosted': `{{organisation}}, {{address}}, exploite à l’adresse {{public-url}} l’instance {{instance}} du logiciel ClientShare pour son propre travail. Nous décidons de son usage, nous en avons
nous-mêmes la maîtrise et nous sommes responsables des données personnelles qui s’y trouvent (responsable du traitement).

Cette politique porte sur cette seule instance : sur les personnes qui y ont un compte ou y sont invitées, sur celles qui ouvrent un lien sécurisé, une page ou un
formulaire de notre part, et sur toute personne nommée dans ce qui y est conservé.

Elle ne porte ni sur ce que d’autres font des fichiers une fois qu’ils les ont reçus, ni sur les sites vers lesquels nous renvoyons, ni sur les instances du même logiciel que
d’autres organisations exploitent. Les auteurs du logiciel n’exploitent pas notre instance et n’en reçoivent rien.`,
  'hosted': `{{organisation}}, {{address}}, propose {{instance}}, à l’adresse {{public-url}}, comme service à d’autres organisations, nos clients. Cette politique porte sur ce service :
ses pages et formulaires publics, les comptes, les espaces de travail que nous tenons pour nos clients et les personnes qui y ouvrent un lien sécurisé.

Nous y avons deux rôles. Pour les comptes, les connexions, les questions qui nous sont posées, la sécurité et, s’il y en a, les paiements, nous décidons pourquoi et comment les
données sont utilisées : nous en sommes responsables. Ce que les personnes d’un client conservent dans leur espace de travail – fichiers, noms de fichiers, personnes qui y figurent –, nous le traitons
pour ce client et selon ses instructions. C’est lui qui en répond : toute question à ce sujet lui est d’abord adressée, et nous l’aidons.

Elle ne porte pas sur les instances du même logiciel que des clients ou d’autres exploitent sur leurs propres serveurs : là, celui qui l’exploite est responsable, et nous n’en
recevons rien. Elle ne porte pas non plus sur ce que d’autres font des fichiers une fois qu’ils les ont reçus, ni sur les sites vers lesquels nous renvoyons.`,
}

const covered = {
  'self-hosted': 'Toutes les personnes qui utilisent cette seule instance ou y sont nommées. Nous l’exploitons nous-mêmes et nous seuls en répondons.',
  'hosted': 'Toutes les personnes qui utilisent le service que nous exploitons ; pas les instances que des clients ou d’autres exploitent sur leurs propres serveurs.',
}

export const frenchPrivacy: Starters['privacy'] = mode => ({
  title: 'Politique de confidentialité',
  highlights: [
    { title: 'Qui est concerné', sentence: covered[mode] },
    { title: 'Comment nous protégeons', sentence: 'Chacun voit ce que son rôle ou son lien lui donne, les mots de passe ne peuvent pas être relus, et ce qui arrive aux fichiers est consigné.' },
    { title: 'Vos questions', sentence: 'Vous pouvez voir, corriger, emporter ou faire supprimer ce que nous détenons sur vous. Cette page dit comment.' },
  ],
  markdown: `> ${placeholder('Lire chaque ligne, changer ce qui n’est pas ainsi chez vous et retirer cette note')}
> Ce texte est un point de départ, pas un conseil juridique. Il dit ce que fait le logiciel et ce que vous avez répondu. Ce que vous en faites, pourquoi vous en avez le
> droit et ce que votre droit exige, vous seul le savez : faites-le vérifier si vous le pouvez.

## Qui est concerné

${whom[mode]}

Questions sur cette politique : {{contact}}

${placeholder('Délégué à la protection des données ou représentant, avec son adresse, s’il y en a un ; sinon retirer cette ligne')}

## Ce que nous collectons

Nous collectons ce dont le service a besoin pour fonctionner et ce que vous nous donnez. La plus grande partie vient de vous ; une autre, de qui vous invite, partage
quelque chose avec vous ou vous nomme dans un fichier.

### Coordonnées et compte

Votre nom, votre adresse e-mail, votre langue et, si vous en choisissez une, une image. Ce par quoi vous prouvez que c’est bien vous : un mot de passe, dont seule une empreinte est conservée, des seconds
facteurs si vous en configurez, ou la parole d’un autre fournisseur à votre sujet.

::sign-in

Quand vous nous écrivez, nous avons ce que vous écrivez : votre nom, votre adresse, votre entreprise si vous l’indiquez, votre message, ainsi que nos réponses.

### Espaces de travail, fichiers et ce qui leur arrive

Les fichiers que vous et d’autres déposez ici, avec toutes leurs versions. Leurs noms, tailles, types, sommes de contrôle et dates ; les noms des espaces de travail et des dossiers ; les
adresses des portails et des liens sécurisés, avec leurs réglages. Qui appartient à quel espace de travail, dans quel rôle et avec quels droits, et qui a invité
qui. Nous conservons et remettons ce que les fichiers contiennent ; nous ne l’exploitons pas.

Ce qui se fait ici devient une entrée d’un journal : qui a fait quoi, avec quoi et quand, depuis quelle adresse IP et avec quel navigateur. Cela comprend chaque ouverture d’un lien
sécurisé, chaque téléchargement par ce lien et chaque tentative refusée.

### Données techniques

À chaque requête, votre navigateur ou votre programme nous indique votre adresse IP, le genre de navigateur et d’appareil, l’heure et ce qu’il demande. Les sessions et les
tentatives de connexion manquées sont consignées avec cela. Le journal du serveur lui-même contient l’heure, l’adresse IP, le genre de requête et son résultat, mais aucun secret de
lien ; nous le conservons pendant ${placeholder('Combien de temps la sortie du serveur est conservée')}.

Ces cookies et ce stockage dans votre navigateur sont utilisés :

::cookies

### Paiements

::plans

### Le tout, par catégorie

::personal-data

## À quoi cela nous sert

- À fournir le service : conserver les fichiers, les remettre à qui peut les avoir, reprendre ce qui a été interrompu.
- À l’entretenir et à l’améliorer : trouver les pannes, le rendre plus rapide, voir ce qui est consommé.
- À gérer espaces de travail, personnes, rôles, liens sécurisés et notifications, comme les membres et les administrateurs les règlent.
- À vous répondre quand vous demandez, et à vous aider quand quelque chose ne marche pas.
- À le garder sûr : remarquer et empêcher les abus, ralentir qui devine, découvrir ce qui s’est passé et prouver ce qui a été remis à qui.
- À faire ce que le droit exige de nous, et à faire respecter nos conditions.
- À vous écrire : ce que vous devez savoir de votre compte, de sa sécurité et du service ; les factures, s’il y en a ; ce qui se passe dans vos espaces de travail, comme
  vous le choisissez ; les nouvelles d’un lancement ou du produit, seulement si vous avez accepté ce genre de nouvelles.

Aucune décision à votre sujet n’est prise par une machine seule, et rien ici ne sert à la publicité.

### Pourquoi nous en avons le droit

${placeholder('Comparer ces bases légales, qui suivent le RGPD, à votre situation et à votre droit')}

- Comptes, espaces de travail, fichiers et liens : un contrat avec vous, ou notre intérêt légitime à travailler avec l’organisation pour laquelle vous agissez
  (art. 6, par. 1, points b et f, RGPD).
- Questions et demandes d’accès : des démarches que vous demandez avant un contrat, ou notre intérêt légitime à vous répondre (art. 6, par. 1, points b et f).
- Sessions, journal des événements, tentatives manquées : notre intérêt légitime à un service sûr et à des preuves, et notre devoir de protéger les données
  (art. 6, par. 1, point f, et art. 32).
- Ce que le droit nous fait conserver ou communiquer : une obligation légale (art. 6, par. 1, point c).
- Nouvelles, et tout ce que vous acceptez par ailleurs : votre consentement, que vous pouvez retirer à tout moment (art. 6, par. 1, point a).

### Mesure des visites

::analytics

## À qui nous le communiquons

Nous ne vendons pas de données personnelles et n’en louons pas.

**Dans le service.** Les membres d’un espace de travail voient ce que leur rôle leur laisse voir, et qui l’a fait. Ses propriétaires et administrateurs peuvent lire le journal
de l’espace. Qui détient un lien sécurisé voit ce qu’il partage. Ceux d’entre nous qui exploitent le service ont un accès technique à ce qu’il conserve et n’en usent que pour cela.

**À des prestataires.** D’autres traitent des données pour nous là où nous le disons, par exemple pour l’hébergement, l’e-mail, la mesure d’audience, les paiements ou les sauvegardes : sous contrat, selon nos
instructions, et seulement dans la mesure où leur tâche le demande.

::subprocessors

Ce que le serveur lui-même envoie ailleurs :

::elsewhere

**Pour le droit et la protection.** Nous communiquons des données si une loi, un tribunal ou une autorité nous y oblige, et là où il le faut pour protéger des personnes, des droits ou le
service. Là où nous le pouvons, nous prévenons d’abord les personnes concernées.

**Si l’organisation change.** Lors d’un financement, d’une fusion, d’une vente ou d’une insolvabilité, des données peuvent passer aux parties, dans la mesure où il le faut et selon cette
politique. Nous vous le disons avant que quelqu’un d’autre en devienne responsable.

${placeholder('Si des données quittent votre pays ou l’EEE, vers où, et ce qui les y protège (par exemple des clauses contractuelles types) ; sinon retirer cette ligne')}

## Combien de temps nous le conservons

Chaque catégorie de données a sa durée. Quand elle est écoulée, le serveur les supprime de lui-même :

::retention

**Corbeille et espaces de travail.** Ce qui est supprimé va dans la corbeille, d’où l’on peut le restaurer ; durée pendant laquelle il y reste : {{retention.trash}}. Ensuite, ou quand quelqu’un le supprime définitivement, le
fichier a disparu du service. Tant qu’un espace de travail existe, ses fichiers restent aussi longtemps que ses membres le veulent ; quand il est supprimé, ils le sont aussi.

**Sauvegardes.**

::backups

**Contrat et droit.** Nous conservons certaines données plus longtemps quand une loi le dit, par exemple pour la comptabilité et les impôts, quand un contrat nous y oblige, ou jusqu’à ce qu’un litige soit
réglé ; et alors seulement ce qu’il faut pour cela.

## Comment nous le protégeons

- Chaque personne a les droits de son rôle, dossier par dossier ; un lien sécurisé peut avoir un mot de passe, une fin et une limite de téléchargements.
- Les mots de passe sont conservés sous forme d’empreintes Argon2id, les secrets des sessions et des jetons sous forme d’empreintes, et ce qui doit redevenir lisible, chiffré.
- Vous pouvez configurer un second facteur. Une session prend fin quand elle n’a pas servi pendant {{session.idle}}. Vous voyez vos sessions dans votre compte et pouvez mettre fin à chacune.
- Les pages du service n’exécutent que des scripts de ce serveur, et de l’endroit où les visites sont mesurées, si un tel endroit est nommé plus haut.
- Ce qui se fait est gardé dans un journal dont les lignes sont enchaînées l’une à l’autre, de sorte qu’un changement ultérieur se voit.

Aucun service n’est à l’abri de tout. S’il arrive à vos données quelque chose qui vous met en danger, nous le disons, à vous et aux autorités, comme le droit le demande. Si vous trouvez une faille, dites-le-nous, s’il
vous plaît.

## Vos choix et vos droits

**Voir et corriger.** Vous changez votre nom, votre adresse, votre image et votre langue dans votre compte. Pour tout le reste de ce que nous détenons sur vous, demandez-nous.

**Emporter et supprimer.** Vous pouvez demander une copie de vos données sous une forme que des programmes savent lire, et leur suppression. Nous devons en garder certaines comme preuve ou de par la loi ; nous
disons alors lesquelles, et pourquoi.

**Ce que décident les administrateurs.** Qui appartient à un espace de travail, ce qu’il partage et ce qui y est supprimé, ses propriétaires et administrateurs le décident. Sur ce que contient un espace de
travail, demandez-leur d’abord.

**E-mails.** Vous choisissez dans votre compte de quoi vous êtes averti, et chaque e-mail qui n’est pas nécessaire a un lien qui met fin à ceux de son genre. Les e-mails sur la sécurité de votre compte et sur le
service lui-même ne peuvent être arrêtés tant que vous avez un compte.

**S’opposer et retirer.** Vous pouvez vous opposer à un usage qui repose sur nos intérêts, le faire limiter, et retirer un consentement pour l’avenir.

**Comment demander.** Nous répondons en un mois au plus et pouvons vous demander de prouver qui vous êtes.

::contact

**Où réclamer.** Vous pouvez vous adresser à une autorité de protection des données là où vous vivez, ou à celle dont nous relevons : {{authority}}. Ce droit s’applique à nous : {{jurisdiction}}.

## Changements de cette politique

Le jour à partir duquel cette version s’applique figure en haut, et les versions antérieures restent lisibles en dessous. Quand nous changeons quelque chose qui compte pour vous, les membres l’apprennent avant que cela
s’applique ou à ce moment, avec une phrase qui dit ce qui est nouveau.
`,
})
