import type { Db } from '../db/database.ts'
import type { InboxConfig, InboxPlace, Reply } from './reply-inbox.ts'
import * as queries from './replies.queries.ts'
import { createReplyInbox } from './reply-inbox.ts'

/** A mail that could not be taken so often is left in the mailbox, and the next are read. */
const TRIES = 5

/** What a feature does with what is answered. */
export interface ReplyTaker {
  /** Whether it was meant for it. May be called again with the same `id`: what it does then happens once. */
  take: (reply: IncomingReply) => Promise<boolean>
}

export interface IncomingReply extends Reply {
  /** The same however often it is read. */
  id: string
}

/** Reads what comes into REPLY_INBOX, and hands each mail to the first that it is meant for. */
export interface Replies {
  /** Whether answers by mail are read at all, and what an address for them is. */
  readonly addressOf: ((tag: string) => string) | undefined
  /** Who takes them, from now on. */
  serve: (takers: readonly ReplyTaker[]) => void
  /** Takes what has come since the last time. The first time there is nothing: what was there before is nobody's answer. @throws {Error} when the mailbox cannot be read */
  read: (signal: AbortSignal) => Promise<void>
}

export interface RepliesOptions {
  db: Db
  clock: () => Date
  config: InboxConfig
  log: { error: (fields: object, message: string) => void }
}

export function createReplies({ db, clock, config, log }: RepliesOptions): Replies {
  const inbox = createReplyInbox(config)
  let takers: readonly ReplyTaker[] = []

  async function take(place: InboxPlace, reply: Reply): Promise<void> {
    const incoming = {
      ...reply,
      id: reply.messageId || `${place.validity}.${place.uid}`,
    }
    for (const taker of takers) {
      if (await taker.take(incoming)) return
    }
  }

  return {
    addressOf: inbox?.addressOf,

    serve(given) {
      takers = given
    },

    async read(signal) {
      if (!inbox) return
      const { host, mailbox: folder, address } = inbox.place
      const mailbox = `${address} ${host} ${folder}`
      const open = await inbox.open(signal)
      try {
        const known = await queries.findPlace(db, mailbox)
        if (!known) {
          await queries.setPlace(db, {
            mailbox,
            ...open.end,
            readAt: clock(),
          })
          return
        }
        const readAt = clock()
        for await (const { place, reply } of open.read(known, known.readAt)) {
          signal.throwIfAborted()
          try {
            await take(place, reply)
          }
          catch (error) {
            const failures = await queries.countFailure(db, mailbox)
            if (failures < TRIES) throw error
            log.error({ err: error, uid: place.uid }, 'a mail in REPLY_INBOX cannot be taken, and is left there')
          }
          await queries.setPlace(db, { mailbox, ...place, readAt })
        }
        await queries.setPlace(db, {
          mailbox,
          ...open.end.validity === known.validity && known.uid > open.end.uid
            ? known
            : open.end,
          readAt,
        })
      }
      finally {
        await open.close()
      }
    },
  }
}
