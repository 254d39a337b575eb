import type { Starters } from './policies.placeholders.ts'
import { placeholder } from './policies.placeholders.ts'

const whom = {
  'self-hosted': `{{organisation}}, {{address}}, opera en {{public-url}} la instancia {{instance}} del software ClientShare para su propio trabajo. Decidimos para qué se usa, la tenemos bajo nuestro propio
control y somos responsables de los datos personales que hay en ella (responsable del tratamiento).

Esta política trata de esa única instancia: de quienes tienen aquí una cuenta o están invitados a ella, de quienes abren un enlace seguro, una página o un
formulario nuestro, y de cualquier persona nombrada en lo que aquí se guarda.

No trata de lo que otros hacen con los archivos una vez que los han recibido, ni de los sitios web a los que enlazamos, ni de las instancias del mismo software que operan otras
organizaciones. Quienes hacen el software no operan nuestra instancia ni reciben nada de ella.`,
  'hosted': `{{organisation}}, {{address}}, ofrece {{instance}}, en {{public-url}}, como servicio a otras organizaciones, nuestros clientes. Esta política trata de ese servicio:
de sus páginas y formularios públicos, de las cuentas, de los espacios de trabajo que llevamos para los clientes y de quienes abren en ellos un enlace seguro.

En él tenemos dos papeles. En cuanto a cuentas, inicios de sesión, preguntas que se nos hacen, seguridad y, si los hay, pagos, decidimos por qué y cómo se usan los
datos: somos los responsables. Lo que las personas de un cliente guardan en su espacio de trabajo – archivos, sus nombres, las personas que aparecen en ellos – lo tratamos por cuenta de
ese cliente y según sus instrucciones. De ello responde el cliente: quien tenga una pregunta al respecto se la hace primero a él, y nosotros ayudamos.

No trata de las instancias del mismo software que clientes u otros operan en servidores propios: allí es responsable quien la opera, y nosotros no recibimos nada de
ella. Tampoco trata de lo que otros hacen con los archivos una vez que los han recibido, ni de los sitios web a los que enlazamos.`,
}

const covered = {
  'self-hosted': 'Todas las personas que usan esta única instancia o son nombradas en ella. La operamos nosotros mismos y solo nosotros respondemos de ella.',
  'hosted': 'Todas las personas que usan el servicio que operamos; no las instancias que clientes u otros operan en servidores propios.',
}

export const spanishPrivacy: Starters['privacy'] = mode => ({
  title: 'Política de privacidad',
  highlights: [
    { title: 'A quién se aplica', sentence: covered[mode] },
    { title: 'Cómo protegemos', sentence: 'Cada cual ve lo que su función o su enlace le da, las contraseñas no se pueden volver a leer y queda anotado lo que pasa con los archivos.' },
    { title: 'Sus preguntas', sentence: 'Puede ver, corregir, llevarse o hacer eliminar lo que tenemos sobre usted. Esta página dice cómo.' },
  ],
  markdown: `> ${placeholder('Leer cada línea, cambiar lo que en su caso no es así y quitar esta nota')}
> Este texto es un punto de partida, no asesoramiento jurídico. Dice lo que hace el software y lo que usted ha respondido. Lo que hace usted con él, por qué puede
> hacerlo y lo que pide su derecho, solo usted lo sabe: hágalo revisar si puede.

## A quién se aplica

${whom[mode]}

Preguntas sobre esta política: {{contact}}

${placeholder('Delegado de protección de datos o representante, con su dirección, si lo hay; si no, quitar esta línea')}

## Qué recogemos

Recogemos lo que el servicio necesita para funcionar y lo que usted nos da. La mayor parte viene de usted; otra, de quien le invita, comparte algo con
usted o le nombra en un archivo.

### Datos de contacto y de la cuenta

Su nombre, su dirección de correo electrónico, su idioma y, si elige una, una imagen. Aquello con lo que demuestra que es usted: una contraseña, de la que solo se guarda un resumen criptográfico, segundos
factores si los configura, o la palabra de otro proveedor sobre usted.

::sign-in

Cuando nos escribe, tenemos lo que escribe: su nombre, su dirección, su empresa si la indica, su mensaje y nuestras respuestas.

### Espacios de trabajo, archivos y lo que pasa con ellos

Los archivos que usted y otros ponen aquí, con todas sus versiones. Sus nombres, tamaños, tipos, sumas de comprobación y fechas; los nombres de espacios de trabajo y carpetas; las
direcciones de portales y enlaces seguros, con sus ajustes. Quién pertenece a qué espacio de trabajo, con qué función y con qué permisos, y quién invitó a
quién. Guardamos y entregamos lo que contienen los archivos; no lo analizamos.

Lo que se hace aquí se convierte en una entrada de un registro: quién hizo qué, con qué y cuándo, desde qué dirección IP y con qué navegador. Esto incluye cada apertura de un enlace
seguro, cada descarga por él y cada intento rechazado.

### Datos técnicos

Con cada petición, su navegador o programa nos dice su dirección IP, qué clase de navegador y dispositivo es, la hora y qué pide. Las sesiones y los intentos fallidos de
iniciar sesión se anotan con ello. El registro propio del servidor tiene la hora, la dirección IP, la clase de petición y su resultado, pero ningún secreto de
enlaces; lo guardamos durante ${placeholder('Cuánto tiempo se guarda la salida del servidor')}.

Se usan estas cookies y este almacenamiento en su navegador:

::cookies

### Pagos

::plans

### Todo ello, por clases

::personal-data

## Para qué lo usamos

- Para prestar el servicio: guardar archivos, entregarlos a quienes pueden tenerlos, reanudar lo que se interrumpió.
- Para mantenerlo y mejorarlo: encontrar fallos, hacerlo más rápido, ver qué se consume.
- Para gestionar espacios de trabajo, personas, funciones, enlaces seguros y avisos, como los ajustan miembros y administradores.
- Para responderle cuando pregunta y ayudarle cuando algo no funciona.
- Para mantenerlo seguro: notar e impedir abusos, frenar a quien adivina, averiguar qué pasó y demostrar qué se entregó a quién.
- Para hacer lo que la ley nos pide y hacer cumplir nuestras condiciones.
- Para escribirle: lo que debe saber de su cuenta, de la seguridad de esta y del servicio; facturas, si las hay; lo que pasa en sus espacios de trabajo, como
  usted elija; novedades de un lanzamiento o del producto solo si ha aceptado esa clase de novedades.

Ninguna decisión sobre usted la toma una máquina sola, y nada de lo que hay aquí sirve a la publicidad.

### Por qué podemos

${placeholder('Comparar estas bases jurídicas, que siguen el RGPD, con su propia situación y su derecho')}

- Cuentas, espacios de trabajo, archivos y enlaces: un contrato con usted, o nuestro interés legítimo en trabajar con la organización por la que usted actúa
  (art. 6.1, letras b y f, del RGPD).
- Preguntas y solicitudes de acceso: pasos previos a un contrato que usted pide, o nuestro interés legítimo en responderle (art. 6.1, letras b y f).
- Sesiones, registro de lo ocurrido, intentos fallidos: nuestro interés legítimo en un servicio seguro y en tener pruebas, y nuestro deber de proteger los datos
  (art. 6.1, letra f, y art. 32).
- Lo que la ley nos hace guardar o comunicar: una obligación legal (art. 6.1, letra c).
- Novedades, y cuanto usted acepte además: su consentimiento, que puede retirar en cualquier momento (art. 6.1, letra a).

### Recuento de visitas

::analytics

## Con quién lo compartimos

No vendemos datos personales ni los alquilamos.

**Dentro del servicio.** Los miembros de un espacio de trabajo ven lo que su función les deja ver, y quién lo hizo. Sus propietarios y administradores pueden leer el registro del
espacio. Quien tiene un enlace seguro ve lo que este comparte. Quienes de nosotros operan el servicio tienen acceso técnico a lo que guarda, y lo usan solo para eso.

**Con proveedores.** Otros tratan datos para nosotros donde lo decimos, por ejemplo para alojamiento, correo, análisis, pagos o copias de seguridad: con un contrato, según nuestras
instrucciones y solo en la medida en que su tarea lo necesita.

::subprocessors

Lo que el propio servidor envía a otros lugares:

::elsewhere

**Por ley y protección.** Comunicamos datos si una ley, un tribunal o una autoridad nos obliga, y donde hace falta para proteger a personas, derechos o el
servicio. Donde podemos, avisamos antes a las personas afectadas.

**Si la organización cambia.** En una financiación, una fusión, una venta o una insolvencia, los datos pueden pasar a los participantes, en la medida en que haga falta y según esta
política. Se lo decimos antes de que otro pase a ser responsable de ellos.

${placeholder('Si los datos salen de su país o del EEE, adónde, y qué los protege allí (por ejemplo, cláusulas contractuales tipo); si no, quitar esta línea')}

## Cuánto tiempo lo guardamos

Cada clase de datos tiene su plazo. Cuando acaba, el servidor los elimina por sí mismo:

::retention

**Papelera y espacios de trabajo.** Lo que se elimina va a la papelera, de donde se puede restaurar; tiempo que permanece allí: {{retention.trash}}. Después, o cuando alguien lo elimina para siempre, el
archivo ha desaparecido del servicio. Mientras existe un espacio de trabajo, sus archivos permanecen todo el tiempo que quieran sus miembros; cuando se elimina, se van también.

**Copias de seguridad.**

::backups

**Contrato y ley.** Guardamos algunos datos más tiempo donde lo dice una ley, por ejemplo para contabilidad e impuestos, donde nos obliga un contrato o hasta que se resuelve un
litigio; y entonces solo lo que hace falta para ello.

## Cómo lo protegemos

- Cada persona tiene los permisos de su función, carpeta por carpeta; un enlace seguro puede tener contraseña, fin y límite de descargas.
- Las contraseñas se guardan como resúmenes Argon2id; los secretos de sesiones y claves de acceso, como resúmenes; y lo que debe volver a leerse, cifrado.
- Puede configurar un segundo factor. Una sesión termina cuando no se ha usado durante {{session.idle}}. En su cuenta ve sus sesiones y puede terminar cada una.
- Las páginas del servicio solo ejecutan scripts de este servidor, y del lugar donde se cuentan las visitas, si arriba se nombra uno.
- Lo que se hace queda en un registro cuyas líneas están encadenadas entre sí, de modo que un cambio posterior se nota.

Ningún servicio es seguro contra todo. Si a sus datos les pasa algo que le pone en riesgo, se lo decimos a usted y a las autoridades como la ley lo pide. Si encuentra una debilidad, díganoslo, por
favor.

## Sus opciones y derechos

**Ver y corregir.** Cambia su nombre, su dirección, su imagen y su idioma en su cuenta. Sobre cualquier otra cosa que tengamos de usted, pregúntenos.

**Llevarse y eliminar.** Puede pedir una copia de sus datos en una forma que los programas puedan leer, y que se eliminen. Algunos debemos conservarlos como prueba o por ley; entonces
decimos cuáles y por qué.

**Lo que deciden los administradores.** Quién pertenece a un espacio de trabajo, qué comparte y qué se elimina en él lo deciden sus propietarios y administradores. Sobre lo que contiene un
espacio de trabajo, pregúnteles primero a ellos.

**Correos.** En su cuenta elige de qué se le avisa, y cada correo que no es necesario tiene un enlace que pone fin a los de su clase. Los correos sobre la seguridad de su cuenta y sobre el
propio servicio no se pueden dejar de recibir mientras tenga una cuenta.

**Oponerse y retirar.** Puede oponerse a un uso que se apoya en nuestros intereses, hacer que se limite y retirar un consentimiento para el futuro.

**Cómo pedirlo.** Respondemos en un mes como máximo y podemos pedirle que demuestre quién es.

::contact

**Dónde reclamar.** Puede acudir a una autoridad de protección de datos donde vive, o a la que nos corresponde: {{authority}}. A nosotros se nos aplica este derecho: {{jurisdiction}}.

## Cambios de esta política

El día desde el que esta versión está en vigor figura arriba, y las versiones anteriores siguen legibles debajo. Cuando cambiamos algo que le importa, los miembros lo saben antes de que entre en
vigor o cuando lo hace, con una frase que dice qué es nuevo.
`,
})
