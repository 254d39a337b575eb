import type { Db } from '../../db/database.ts'
import type { ProofRow } from './audit-proof.queries.ts'
import { findEnds, listChains, listForProof } from './audit-proof.queries.ts'
import { chainHash, erasedParts, GENESIS_HASH, isCommitted, tellEvent } from './audit.chain.ts'
import { formerHash } from './former-chain.ts'

const PAGE = 1000

export interface ChainProof {
  /** How many follow from the first. */
  events: number
  /** The first seq whose hash, number or telling does not. */
  brokenAt: number | null
  /** The hash of the last that follows: who notes it can say later that nothing before it was changed or cut off. */
  head: string
  /** Of how many something was told once that is erased now. */
  erased: number
}

/** Walks every chain there is, one after the other. */
export async function* proveChains(db: Db): AsyncGenerator<ChainProof & { chainId: string }> {
  for (const chainId of await listChains(db)) {
    yield {
      chainId,
      ...await proveChain(db, chainId),
    }
  }
}

/** Walks the chain. */
export async function proveChain(db: Db, chainId: string): Promise<ChainProof> {
  const ends = await findEnds(db, chainId)
  let seq = 0
  let hash: string = ends?.former?.hash ?? GENESIS_HASH
  let erased = 0
  const proof = (brokenAt: number | null) => ({
    events: seq,
    brokenAt,
    head: hash,
    erased,
  })
  if (!ends) return proof(null)
  if (ends.firstSeq < 1) return proof(ends.firstSeq)
  // Up to the head as it was: what is appended meanwhile is none of this proof's business, and needs no long transaction.
  for await (const rows of eventsUpTo(db, chainId, ends.seq)) {
    for (const row of rows) {
      if (!follows(row, seq, hash)) return proof(seq + 1)
      seq = row.event.seq
      hash = row.hash
      if (erasedParts(row.event.commitments, row.personal).length > 0) erased++
    }
    if (rows.length === 0) return proof(seq + 1)
  }
  if (hash !== ends.hash) return proof(seq)
  if (ends.lastSeq > ends.seq) return proof(seq + 1)
  return proof(null)
}

/**
 * Whether what the chain tells today is what its first version ended with before it was rewritten: by that version's own hash, which covers names
 * too, so nothing can be said once one was erased. Null: it never had another version.
 */
export async function proveFormerHead(db: Db, chainId: string): Promise<'holds' | 'broken' | 'erased' | null> {
  const ends = await findEnds(db, chainId)
  if (!ends?.former) return null
  let hash: string = GENESIS_HASH
  for await (const rows of eventsUpTo(db, chainId, ends.former.seq)) {
    if (rows.length === 0) return 'broken'
    for (const row of rows) {
      const { erased, ...told } = tellEvent(row.event, row.personal)
      if (erased.length > 0) return 'erased'
      const { seq, action, outcome } = row.event
      hash = formerHash(hash, {
        chainId,
        seq,
        action,
        outcome,
        at: new Date(row.event.at),
        ...told,
      })
    }
  }
  return hash === ends.former.hash
    ? 'holds'
    : 'broken'
}

/** Page after page, the next one on its way while one is looked at; an empty one where a whole page is missing before `last`. */
async function* eventsUpTo(db: Db, chainId: string, last: number): AsyncGenerator<readonly ProofRow[]> {
  const ask = (after: number) => after < last
    ? listForProof(db, chainId, after, Math.min(after + PAGE, last))
    : undefined
  let asked = ask(0)
  while (asked) {
    const rows = await asked
    asked = rows.length > 0
      ? ask(rows.at(-1)!.event.seq)
      : undefined
    // Should the proof end before it is needed, nobody waits for it.
    asked?.catch(() => {})
    yield rows
  }
}

function follows({ event, previousHash, hash, personal }: ProofRow, seq: number, previous: string): boolean {
  return event.seq === seq + 1
    && previousHash === previous
    && hash === chainHash(previous, event)
    && isCommitted(event.commitments, personal)
}
