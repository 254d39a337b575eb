import type { ByteRange } from '../../storage/storage.ts'
import type { Content } from './content.ts'
import type { CopyProgress, Piece } from './one-copy.ts'
import { noSuchTicket } from './downloads.errors.ts'
import { beginPiece, forgetPiece, notePiece } from './one-copy.ts'
import { tellBeforeEnd } from './tell-before-end.ts'

/** Takes one step, alone, and keeps the ticket from ending for a while. @returns false when there is none to take */
type Step = (take: (copy: CopyProgress) => CopyProgress | undefined) => Promise<boolean>

/**
 * The one copy that a claim gives: what is begun is noted before its first byte, what has gone out before its last. Only this server or the proxy sends it.
 * `open` and `locate` refuse what is over as a ticket that there is not.
 */
export function oneCopyOf(content: Content, step: Step): Content {
  const { size, locate } = content
  let noted: Piece | undefined
  const pieceOf = ({ start, end }: ByteRange = { start: 0, end: size - 1 }): Piece => [start, end + 1]

  async function begin(piece: Piece): Promise<void> {
    if (!await step(copy => beginPiece(copy, piece, size))) throw noSuchTicket()
  }

  return {
    ...content,
    staysHere: true,

    async open(options) {
      const piece = pieceOf(options.range)
      // A store that is away uses nothing up.
      const body = await content.open(options)
      const note = () => step((copy) => {
        noted = piece
        return notePiece(copy, piece)
      })
      try {
        await begin(piece)
        if (size === 0) await note()
      }
      catch (error) {
        body.destroy()
        throw error
      }
      return tellBeforeEnd(body, piece[1] - piece[0], {
        beforeEnd: note,
        // An hour of rest begins when nothing flows any more.
        onFlow: () => step(copy => copy),
      })
    },

    async brokenOff() {
      const piece = noted
      await step(copy => piece
        ? forgetPiece(copy, piece)
        : copy)
    },

    ...locate && {
      async locate(options) {
        const location = await locate(options)
        await begin(pieceOf(options.range))
        return location
      },
    },
  }
}
