/** Who calls, and what each gets by the rule that a route names. A new kind of caller is a line here and changes no route's row. */

export const rules = [
  'everybody',
  'alwaysGone',
  'ownToken',
  'person',
  'operators',
  'members',
  'admins',
  'onlyOwner',
  'seeFolder',
  'seeFile',
  'download',
  'upload',
  'change',
  'shareFile',
  'joining',
  'wrongPassword',
  'ownMissing',
  'ownConflict',
  'closedToAll',
  'badRequest',
] as const
export type Rule = typeof rules[number]

/** A status, or `ok` for any 2xx, for each of `rules` in their order. */
const answers = {
/*              everybody  alwaysGone  ownToken  person  operators  members  admins  onlyOwner  seeFolder  seeFile  download  upload  change  shareFile  joining  wrongPassword  ownMissing  ownConflict  closedToAll  badRequest */
  nobody: '     ok         404         401       401     401        401      401     401        401        401      401       401     401     401        400      401            401         401         403          400',
  stranger: '   ok         404         401       ok      403        404      404     404        404        404      404       404     404     404        ok       400            404         409         403          400',
  client: '     ok         404         401       ok      403        404      404     404        404        404      404       404     404     404        409      400            404         409         403          400',
  none: '       ok         404         401       ok      403        ok       403     404        404        404      404       404     404     404        409      400            404         409         403          400',
  previewer: '  ok         404         401       ok      403        ok       403     404        ok         ok       403       403     403     403        409      400            404         409         403          400',
  viewer: '     ok         404         401       ok      403        ok       403     404        ok         ok       ok        403     403     403        409      400            404         409         403          400',
  uploader: '   ok         404         401       ok      403        ok       403     404        ok         404      404       ok      403     404        409      400            404         409         403          400',
  contributor: 'ok         404         401       ok      403        ok       403     404        ok         ok       ok        ok      403     403        409      400            404         409         403          400',
  editor: '     ok         404         401       ok      403        ok       403     404        ok         ok       ok        ok      ok      ok         409      400            404         409         403          400',
  manager: '    ok         404         401       ok      403        ok       403     404        ok         ok       ok        ok      ok      ok         409      400            404         409         403          400',
  admin: '      ok         404         401       ok      403        ok       ok      404        ok         ok       ok        ok      ok      ok         409      400            404         409         403          400',
  owner: '      ok         404         401       ok      403        ok       ok      ok         ok         ok       ok        ok      ok      ok         409      400            404         409         403          400',
  operator: '   ok         404         401       ok      ok         404      404     404        404        404      404       404     404     404        ok       400            404         409         403          400',
  ended: '      ok         404         401       ok      403        404      404     404        404        404      404       404     404     404        ok       400            404         409         403          400',
} as const
export type CallerKind = keyof typeof answers
export const callers = Object.keys(answers) as CallerKind[]

/** @returns `ok` or a status. @throws for a line that has not an answer for each rule */
export function answerTo(caller: CallerKind, rule: Rule): string {
  const line = answers[caller].trim().split(/\s+/)
  if (line.length !== rules.length) throw new Error(`The line of “${caller}” has ${line.length} answers for ${rules.length} rules`)
  return line[rules.indexOf(rule)]!
}
