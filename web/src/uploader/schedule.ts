import type { Transfer } from './transfer.ts'
import { timeLeft } from './speed.ts'
import { isOver, needsAttention } from './transfer.ts'

/** What may start now: in the order they came, so many files at once. */
export function pickNext<T extends Pick<Transfer, 'state'>>(transfers: readonly T[], filesAtOnce: number): T[] {
  const room = filesAtOnce - transfers.filter(({ state }) => state === 'sending').length
  return room > 0
    ? transfers.filter(({ state }) => state === 'waiting').slice(0, room)
    : []
}

export interface UploadSummary {
  total: number
  done: number
  skipped: number
  /** Waiting for the person: failed, lost, locked, in conflict. */
  attention: number
  paused: number
  /** Waiting or sending. */
  active: number
  sentBytes: number
  totalBytes: number
  /** 0 to 1; 1 when there is nothing to send. */
  ratio: number
  speed: number | null
  /** Seconds. */
  left: number | null
}

/** The one line that the folded tray shows. */
export function summarize(transfers: readonly Transfer[], speed: number | null): UploadSummary {
  let [done, skipped, attention, paused, active, sentBytes, totalBytes, activeLeft] = [0, 0, 0, 0, 0, 0, 0, 0]
  for (const transfer of transfers) {
    if (transfer.state === 'done') done++
    if (transfer.state === 'skipped') {
      skipped++
      continue
    }
    totalBytes += transfer.size
    sentBytes += isOver(transfer)
      ? transfer.size
      : Math.min(transfer.sent, transfer.size)
    if (needsAttention(transfer)) {
      attention++
    }
    else if (transfer.state === 'paused') {
      paused++
    }
    else if (!isOver(transfer)) {
      active++
      activeLeft += transfer.size - Math.min(transfer.sent, transfer.size)
    }
  }
  return {
    total: transfers.length,
    done,
    skipped,
    attention,
    paused,
    active,
    sentBytes,
    totalBytes,
    ratio: totalBytes === 0
      ? 1
      : sentBytes / totalBytes,
    speed: active > 0
      ? speed
      : null,
    left: active > 0
      ? timeLeft(activeLeft, speed)
      : null,
  }
}
