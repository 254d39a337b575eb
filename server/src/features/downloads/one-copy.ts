/** Bytes of what is sent: from the first up to, but without, the second. */
export type Piece = readonly [from: number, to: number]

/** How far the one copy is that a claim of a limited link gives. */
export interface CopyProgress {
  /** What was asked for and begun, each piece for itself. */
  begun: Piece[]
  /** What has gone out, as far as the server can tell: it sent it itself, or who went on behind it has it. */
  sent: Piece[]
  /** How often bytes were asked for again that had been begun, without going on from there. */
  restarts: number
}

/** A connection that breaks before anything came costs one of these; so does whoever begins again. */
export const MOST_RESTARTS = 3
/** A reader by small ranges has many; more are told apart only roughly. */
const MOST_PIECES = 1000

export const newCopy = (): CopyProgress => ({ begun: [], sent: [], restarts: 0 })

/** @returns the copy with this piece begun; undefined when it is over, or was begun anew too often */
export function beginPiece(copy: CopyProgress, piece: Piece, size: number): CopyProgress | undefined {
  if (isOver(copy, size)) return undefined
  const [from, to] = piece
  const within = copy.begun.findLast(([first, end]) => first <= from && from < end)
  // Who goes on in the middle of a piece has it up to there.
  const sent = within
    ? join([
        ...copy.sent,
        [within[0], from],
      ])
    : copy.sent
  const goesOn = within
    ? count(sent) > count(copy.sent)
    : overlap(copy.begun, piece) * 2 <= to - from
  const restarts = copy.restarts + (goesOn ? 0 : 1)
  if (restarts > MOST_RESTARTS || isOver({ sent }, size)) return undefined
  const begun = [
    ...copy.begun.filter(([first, end]) => first !== from || end !== to),
    piece,
  ]
  return {
    begun: begun.length > MOST_PIECES
      ? join(begun)
      : begun,
    sent,
    restarts,
  }
}

export const notePiece = (copy: CopyProgress, piece: Piece): CopyProgress => ({
  ...copy,
  sent: join([
    ...copy.sent,
    piece,
  ]),
})

/** What was noted as sent broke off after all. */
export const forgetPiece = (copy: CopyProgress, [from, to]: Piece): CopyProgress => ({
  ...copy,
  sent: copy.sent.flatMap(([first, end]): Piece[] => [
    [
      first,
      Math.min(end, from),
    ],
    [
      Math.max(first, to),
      end,
    ],
  ]).filter(([first, end]) => first < end),
})

/** Every byte has gone out. */
const isOver = ({ sent }: Pick<CopyProgress, 'sent'>, size: number) => sent.some(([from, to]) => from === 0 && to >= size)

const count = (pieces: readonly Piece[]) => pieces.reduce((sum, [from, to]) => sum + to - from, 0)

const overlap = (pieces: readonly Piece[], [from, to]: Piece) => join(pieces).reduce((sum, [first, end]) => sum + Math.max(0, Math.min(end, to) - Math.max(first, from)), 0)

/** In order, what touches as one. */
function join(pieces: readonly Piece[]): Piece[] {
  const joined: [number, number][] = []
  for (const [from, to] of pieces.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else joined.push([from, to])
  }
  return joined
}
