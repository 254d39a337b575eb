import type { PolicyDrift, PublishedPolicy } from '../../../api/generated/types.gen.ts'
import type { Mark } from '../../../utils/markdown.ts'
import { escapeHtml, renderLine } from '../../../utils/markdown.ts'

type Places = PublishedPolicy['places']

/** Stands for what is said in Markdown while the sentence around it is escaped. */
const SLOT = '\u0093'

/** “since 4 December: 17 days”, as HTML. @param say the sentence, with what is said now in it; null: nobody says it any more */
export function noteOf(drift: PolicyDrift, say: (drift: PolicyDrift, now: string | null) => string): string {
  return drift.now === null
    ? escapeHtml(say(drift, null))
    : escapeHtml(say(drift, SLOT)).replace(SLOT, () => renderLine(drift.now!))
}

/**
 * What a text says and is so no more: struck out where it stands, with what is so now beside it; of a block, below it.
 * @param isApart whether facts can be of another direction than the text: then each keeps its own
 */
export function driftMarks(places: Places, drift: readonly PolicyDrift[], say: (drift: PolicyDrift, now: string | null) => string, isApart = false): Mark[] {
  return places.flatMap(({ fact, start, end }): Mark[] => {
    const own = drift.find(each => each.fact === fact)
    if (!own) {
      return isApart
        ? [
            {
              start,
              end,
              isBlock: false,
              open: '<bdi>',
              close: '</bdi>',
            },
          ]
        : []
    }
    const note = noteOf(own, say)
    return [
      own.form === 'block'
        ? {
            start,
            end,
            isBlock: true,
            open: '<div class="drifted">',
            close: `<p class="live" role="note" dir="auto">${note}</p></div>`,
          }
        : {
            start,
            end,
            isBlock: false,
            open: '<del class="drifted" dir="auto">',
            close: `</del> <ins class="live" dir="auto">${note}</ins>`,
          },
    ]
  })
}
