import type { Starters } from './policies.placeholders.ts'
import { placeholder } from './policies.placeholders.ts'
import { spanishPrivacy } from './policies.starter.privacy.es.ts'

const review = `> ${placeholder('Leer cada línea, cambiar lo que en su caso no es así y quitar esta nota')}
> Este texto es un punto de partida, no asesoramiento jurídico: hágalo revisar si puede.
`

const offered = {
  'self-hosted': `{{organisation}}, {{address}}, opera {{instance}} en {{public-url}} para su propio trabajo, a fin de intercambiar archivos con quienes trabaja. Quien tiene aquí una cuenta, abre un enlace seguro
o entrega archivos lo usa bajo estas condiciones. No sustituyen un contrato que tengamos con usted o con la organización por la que usted
actúa: donde difieren, vale el contrato.

No se aplican a las instancias del mismo software que operan otros.`,
  'hosted': `{{organisation}}, {{address}}, ofrece {{instance}}, en {{public-url}}, como servicio a organizaciones (clientes). Estas condiciones se aplican entre nosotros y un cliente, y a toda persona que use el
servicio por un cliente o mediante un enlace seguro. Quien crea un espacio de trabajo para una organización confirma que puede actuar por ella.

No se aplican a las instancias del mismo software que clientes u otros operan en servidores propios.`,
}

const paid = {
  'self-hosted': `El servicio no cuesta nada a quienes invitamos, salvo que hayamos acordado otra cosa.`,
  'hosted': `Lo que cuesta el servicio, y por cuánto tiempo, es lo que el cliente ha acordado con nosotros: ${placeholder('Sus precios, condiciones de pago y plazos de cancelación, o dónde se encuentran')}`,
}

const rulesFor = {
  'self-hosted': 'Todas las personas que usan esta instancia siguen estas reglas: las nuestras, las que invitamos y las que abren un enlace seguro. La operamos nosotros y velamos por ello.',
  'hosted': 'Todas las personas que usan el servicio que operamos siguen estas reglas. Los clientes se ocupan de que las personas de sus espacios de trabajo las conozcan. Las instancias que otros operan en servidores propios tienen las reglas de quien las opera.',
}

const listed = {
  'self-hosted': '{{organisation}} opera esta instancia por sí misma. Donde otros tratan para ello datos personales por nosotros, figuran aquí, con lo que hacen y dónde.',
  'hosted': '{{organisation}} trata datos personales por cuenta de sus clientes. Aquellos a quienes recurrimos a su vez para ello (subencargados) figuran aquí, con lo que hacen y dónde. Se trata del servicio que operamos, no de instancias en servidores de otros.',
}

const cookiesOf = {
  'self-hosted': 'Esta página trata de las páginas de esta instancia, {{public-url}}, que opera {{organisation}}.',
  'hosted': 'Esta página trata de las páginas del servicio en {{public-url}}, que opera {{organisation}}; no de las instancias que otros operan en servidores propios.',
}

export const spanishStarters: Starters = {
  'privacy': spanishPrivacy,

  'terms': mode => ({
    title: 'Condiciones de uso',
    highlights: [
      { title: 'Sus archivos siguen siendo suyos', sentence: 'Los guardamos y los entregamos a quienes usted los comparte, y no pretendemos nada más sobre ellos.' },
      { title: 'Un enlace se abre a quien lo tiene', sentence: 'Envíelo solo a quienes está destinado, y déle una contraseña y un fin donde importe.' },
      { title: 'Un uso correcto', sentence: 'Nada ilícito, nada que dañe a otros o al servicio.' },
    ],
    markdown: `${review}
## Quién ofrece qué a quién

${offered[mode]}

## Su cuenta

Dé datos verdaderos y guarde para sí aquello con lo que inicia sesión. Lo que se hace desde su cuenta se tiene por hecho por usted, hasta que nos haya dicho que otra persona podría tenerlo; hágalo
enseguida: {{contact}}

Las cuentas son de personas: no comparta ninguna. Los administradores de una organización pueden poner fin al acceso de quienes actúan por ella.

## Sus archivos

Lo que trae sigue siendo suyo, o de quien fuera. Nos deja guardarlo, copiarlo para las copias de seguridad y entregarlo como usted y sus administradores lo ajusten, y nada más. Confirma que
puede traerlo y compartirlo.

Lo que se elimina se puede restaurar mientras permanece en la papelera ({{retention.trash}}). El servicio no es un archivo histórico: conserve sus propias copias de aquello de lo que no puede prescindir.

## Enlaces seguros

Un enlace seguro se abre a quien lo tiene, dentro de los límites que se le han dado. Quien crea uno responde de a quién se envía. Las aperturas y las descargas se anotan y se muestran a
quienes gestionan el enlace.

## Lo que no está permitido

Lo que prohíben nuestras reglas de uso aceptable. En breve: nada ilícito, nada que dañe a otros, ningún ataque al servicio, ningún rodeo de sus límites.

Podemos cerrar un enlace, un archivo o una cuenta que incumpla estas reglas, en la medida y por el tiempo que haga falta, y decimos a los afectados por qué, salvo que una ley lo prohíba.

## Costes

${paid[mode]}

::plans

## Datos personales

Qué recogemos, por qué y cuánto tiempo lo dice la política de privacidad.

## Disponibilidad y responsabilidad

${placeholder('Lo que promete sobre disponibilidad y asistencia, y de qué responde, como su derecho lo permite')}

## El fin

Puede dejar de usar el servicio en cualquier momento. Si le ponemos fin, o a su acceso, lo decimos con tiempo bastante para que recoja sus archivos, salvo que haya incumplido gravemente estas condiciones. Después
del fin, los archivos se eliminan como dice la política de privacidad.

## Cambios, derecho y tribunales

Podemos cambiar estas condiciones por una buena razón. El día desde el que una versión está en vigor figura arriba; las versiones anteriores siguen legibles. Los miembros conocen los cambios antes de que entren
en vigor.

Se aplica este derecho: {{jurisdiction}}. Los derechos que una ley le da como consumidor, y que ninguna condición puede quitar, permanecen.
`,
  }),

  'cookies': mode => ({
    title: 'Cookies',
    highlights: [
      { title: 'Lo necesario y nada más', sentence: 'Las cookies mantienen su sesión y recuerdan qué enlace abrió; no le siguen.' },
      { title: 'Sin terceros', sentence: 'Las páginas no cargan scripts, fuentes ni imágenes de anunciantes o redes sociales.' },
    ],
    markdown: `${review}
## De qué se trata

${cookiesOf[mode]}

Una cookie es un pequeño trozo de texto que un sitio web deja en su navegador y recibe de vuelta con cada petición posterior. Los navegadores tienen además un almacenamiento que una página lee por sí misma y que no se
envía. Usamos ambas cosas solo para lo que usted nos pide.

## Qué usamos

::cookies

Son necesarias para lo que usted pidió: sin ellas nadie podría mantener la sesión ni abrir un enlace con contraseña. Por eso no le pedimos consentimiento.

## Recuento de visitas

::analytics

## Qué puede hacer

Puede eliminar las cookies y el almacenamiento en los ajustes de su navegador en cualquier momento, y hacer que las rechace. Su sesión se cierra entonces, se olvidan las opciones que eligió en este dispositivo, y sin
cookies no puede iniciar sesión.

Preguntas: {{contact}}

## Cambios

Cuando se añade una cookie u otro fin, esta página lo dice; el día desde el que esta versión está en vigor figura arriba.
`,
  }),

  'acceptable-use': mode => ({
    title: 'Uso aceptable',
    highlights: [
      { title: 'Comparta lo que puede compartir', sentence: 'Sus propios archivos, y los que otros le han dado para ello.' },
      { title: 'Deje a los demás en paz', sentence: 'Sin programas maliciosos, sin fraude, sin acoso, sin espionaje.' },
      { title: 'Díganoslo', sentence: 'Quien ve un abuso puede comunicarlo, con cuenta o sin ella.' },
    ],
    markdown: `${review}
## Para quién son estas reglas

${rulesFor[mode]}

## Lo que no se debe guardar ni compartir aquí

- Lo que es contrario a la ley, ante todo las representaciones del abuso de menores, los llamamientos a la violencia y lo que un tribunal ha prohibido.
- Lo que vulnera derechos de otros: obras que no puede compartir, secretos empresariales, datos personales sin derecho a ellos.
- Programas maliciosos y todo lo que está hecho para engañar: páginas falsas de inicio de sesión, documentos falsificados, fraudes.
- Lo que acosa, amenaza o expone a personas.

## Lo que no se debe hacer aquí

- Usar sin permiso la cuenta o el enlace de otro, adivinar contraseñas, buscar caminos para eludir los permisos.
- Atacar o sobrecargar el servicio, o probar su seguridad sin haberlo acordado con nosotros.
- Enviar correos o enlaces a personas que no los han pedido ni los esperan.
- Eludir los límites de almacenamiento, descargas o cuentas, o usar el servicio como sitio público de descargas.
- Revenderlo, salvo que lo hayamos acordado.

## Cómo comunicar un abuso

Díganos dónde lo encontró – lo mejor es la dirección del enlace – y qué tiene de malo: {{contact}}

Miramos cada aviso, no decimos a la otra parte quién es usted a menos que debamos, y le respondemos. Quien encuentra una debilidad del servicio y nos la dice primero, sin llevarse datos, tiene nuestro
agradecimiento y nada que temer de nosotros.

## Qué hacemos al respecto

Según la gravedad: pedir una corrección, cerrar un enlace o un archivo, suspender una cuenta, poner fin al acceso, avisar a las autoridades. Tomamos el medio más suave que sirva, decimos por qué y oímos a los
afectados, antes si hay tiempo. Quien cree que nos equivocamos puede pedir que lo miremos de nuevo.
`,
  }),

  'imprint': () => ({
    title: 'Aviso legal',
    highlights: [],
    markdown: `${review}
## Titular

{{organisation}}

{{address}}

## Contacto

::contact

${placeholder('Lo que su derecho pide además: quién le representa, teléfono, registro y número, NIF o IVA, autoridad supervisora, quién responde del contenido; si no, quitar esta línea')}

## Sobre este sitio

Esto es {{instance}}, en {{public-url}}.
`,
  }),

  'subprocessors': mode => ({
    title: 'Encargados del tratamiento',
    highlights: [
      { title: 'Quién, qué y dónde', sentence: 'Todos los que tratan datos personales por nosotros, con su tarea y su lugar.' },
      { title: 'Leído del servidor en marcha', sentence: 'A dónde envía algo el propio servidor figura abajo, según sus ajustes.' },
    ],
    markdown: `${review}
## Qué es esta lista

${listed[mode]}

Cada uno trabaja bajo un contrato que lo obliga a seguir nuestras instrucciones, a guardar secreto y a tomar medidas de protección, y recibe solo lo que su tarea necesita.

## Quién trabaja para nosotros

::subprocessors

## Lo que el servidor envía a otros lugares

::elsewhere

## Cuando cambia la lista

Cambiamos esta página antes de que empiece uno nuevo. El día desde el que esta versión está en vigor figura arriba, y las versiones anteriores siguen legibles. Quien tenga razones contra un cambio puede
decírnoslas: {{contact}}
`,
  }),

  'page': () => ({
    title: 'Página nueva',
    highlights: [],
    markdown: `${placeholder('Escribir aquí su texto')}

Preguntas: {{contact}}
`,
  }),
}
