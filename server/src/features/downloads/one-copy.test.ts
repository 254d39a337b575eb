import type { CopyProgress, Piece } from './one-copy.ts'
import { describe, expect, it } from 'vitest'
import { beginPiece, forgetPiece, MOST_RESTARTS, newCopy, notePiece } from './one-copy.ts'

const SIZE = 1000

/** Begins one piece after the other; with `sent` each has gone out. @returns whether each was given */
function ask(pieces: readonly Piece[], { sent = false, size = SIZE } = {}): boolean[] {
  let copy: CopyProgress = newCopy()
  return pieces.map((piece) => {
    const next = beginPiece(copy, piece, size)
    if (!next) return false
    copy = sent
      ? notePiece(next, piece)
      : next
    return true
  })
}
const count = (given: boolean[]) => given.filter(Boolean).length
const whole: Piece = [0, SIZE]

describe('one copy', () => {
  it('is over once it has gone out', () => {
    expect(ask([
      whole,
      whole,
      [500, SIZE],
    ], { sent: true })).toEqual([true, false, false])
    expect(ask([
      [0, 0],
      [0, 0],
    ], { sent: true, size: 0 })).toEqual([true, false])
  })

  it('comes in pieces, whatever their order, and is over then', () => {
    const pieces: Piece[] = [
      [900, SIZE],
      [0, 300],
      [600, 900],
      [300, 600],
    ]
    expect(ask([...pieces, whole], { sent: true })).toEqual([true, true, true, true, false])
    expect(count(ask(pieces))).toBe(4)
    // The last bytes first, as some readers do, then all of it.
    expect(ask([
      [990, SIZE],
      whole,
      whole,
    ], { sent: true })).toEqual([true, true, false])
  })

  it('is gone on with as often as there is something new', () => {
    const resumed = Array.from({ length: 100 }, (_, n): Piece => [n * 10, SIZE])
    expect(count(ask(resumed))).toBe(100)
  })

  it('is begun anew three times, by whichever range', () => {
    for (const piece of [
      whole,
      [1, SIZE],
      [0, SIZE - 1],
    ] as Piece[]) expect(count(ask(Array.from<Piece>({ length: 20 }).fill(piece)))).toBe(1 + MOST_RESTARTS)
    expect(count(ask(Array.from({ length: 20 }, (_, n): Piece => [100 - n, SIZE])))).toBe(1 + MOST_RESTARTS)
  })

  it('that was sent but for its end is over with the end', () => {
    let copy = beginPiece(newCopy(), whole, SIZE)!
    copy = beginPiece(copy, [400, SIZE], SIZE)!
    expect(beginPiece(notePiece(copy, [400, SIZE]), [400, SIZE], SIZE)).toBeUndefined()
  })

  it('is not over when its end broke off', () => {
    const sent = notePiece(beginPiece(newCopy(), whole, SIZE)!, whole)
    expect(beginPiece(sent, [400, SIZE], SIZE)).toBeUndefined()
    const broken = forgetPiece(sent, [400, SIZE])
    expect(broken.sent).toEqual([
      [0, 400],
    ])
    expect(beginPiece(broken, [400, SIZE], SIZE)).toBeDefined()
  })

  it('in a great many pieces keeps few of them', () => {
    let copy: CopyProgress = newCopy()
    for (let n = 0; n < 1100; n++) copy = beginPiece(copy, [n, n + 1], 5000)!
    expect(copy.begun.length).toBeLessThanOrEqual(1000)
  })
})
