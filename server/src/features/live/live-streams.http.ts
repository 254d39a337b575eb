import type { FastifyReply } from 'fastify'
import type { SignedIn } from '../../http/caller.ts'
import type { LiveBus, LiveEvent } from '../../live/live-bus.ts'
import type { WorkspaceRole } from '../access/access.policy.ts'
import type { AccessService } from '../access/access.service.ts'
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { AppError, defineError } from '../../errors/app-error.ts'
import { mayInWorkspace } from '../access/access.policy.ts'

const HEARTBEAT_MS = 20_000
const RECHECK_MS = 60_000
/** Of one person in one process: a guard for its memory, far above what somebody's tabs need. */
const STREAMS_PER_USER = 20
/** What may wait for a reader who is slower than the events. They are ids: whoever is behind so far had better load everything again. */
const MAX_WAITING_BYTES = 64 * 1024
const RETRY_MS = 2000

const tooManyStreams = defineError('live.too_many_streams', 429, 'Too many live connections')

export interface LiveStreams {
  /**
   * Answers with server-sent events (HTML Living Standard §9.2) of all workspaces of a person, until the client goes away, the session ends, or events
   * may have been missed: the client then connects again and loads what it shows.
   * @throws {AppError} `live.too_many_streams`
   */
  open: (reply: FastifyReply, signedIn: SignedIn) => Promise<FastifyReply>
  /** Ends all of them: a server that stops waits for its answers to end. */
  close: () => void
}

export interface LiveStreamsOptions { live: LiveBus, access: AccessService, heartbeatMs?: number, recheckMs?: number }

export function createLiveStreams({ live, access, heartbeatMs = HEARTBEAT_MS, recheckMs = RECHECK_MS }: LiveStreamsOptions): LiveStreams {
  const streams = new Map<Readable, string>()
  let stopWatching: (() => void) | undefined
  let closed = false

  function endAll(): void {
    for (const stream of streams.keys()) stream.push(null)
    streams.clear()
  }

  return {
    async open(reply, signedIn) {
      const { userId } = signedIn
      if ([
        ...streams.values(),
      ].filter(each => each === userId).length >= STREAMS_PER_USER) {
        throw tooManyStreams({ detail: 'Close some of the tabs', retryAfter: 30 })
      }
      stopWatching ??= live.onGap(endAll)
      const stream = new Readable({
        read() {},
        highWaterMark: MAX_WAITING_BYTES,
      })
      streams.set(stream, userId)
      /** In each workspace of the person. */
      let roles = new Map<string, WorkspaceRole>()
      const subscriptions = new Map<string, () => void>()
      let count = 0
      const id = randomUUID()

      function write(text: string): void {
        if (!streams.has(stream) || stream.push(text)) return
        streams.delete(stream)
        stream.destroy()
      }
      function end(): void {
        if (streams.delete(stream)) stream.push(null)
      }
      function send(event: LiveEvent): void {
        if (!maySee(roles, userId, event)) return
        const told = event.topic === 'notifications'
          ? { topic: event.topic }
          : event
        write(`event: ${event.topic}\nid: ${id}.${++count}\ndata: ${JSON.stringify(told)}\n\n`)
      }
      async function recheck(): Promise<void> {
        if (!streams.has(stream)) return
        try {
          const now = await access.authenticate(signedIn)
          if (now.signedIn.owesAcceptance) return end()
          listenIn(await access.seatsOf(userId))
        }
        catch (error) {
          // A database that does not answer takes nothing away from anybody; the next check will tell.
          if (error instanceof AppError) end()
        }
      }

      // One after another: what follows the end of a membership waits until it is known whose it was.
      let queue = Promise.resolve()
      const onEvent = (event: LiveEvent) => {
        queue = queue.then(async () => {
          if (event.topic === 'members' && (event.userId === undefined || event.userId === userId)) await recheck()
          send(event)
        })
      }
      function listenIn(seats: readonly { workspaceId: string, role: WorkspaceRole }[]): void {
        if (!streams.has(stream)) return
        roles = new Map(seats.map(({ workspaceId, role }) => [workspaceId, role]))
        const wanted = new Set([
          userId,
          ...roles.keys(),
        ])
        for (const [key, unsubscribe] of subscriptions) {
          if (wanted.has(key)) continue
          unsubscribe()
          subscriptions.delete(key)
        }
        for (const key of wanted) {
          if (!subscriptions.has(key)) subscriptions.set(key, live.subscribe(key, onEvent))
        }
      }
      // Before the seats are read: whoever gets one meanwhile is told.
      listenIn([])
      try {
        listenIn(await access.seatsOf(userId))
      }
      catch (error) {
        streams.delete(stream)
        subscriptions.forEach(unsubscribe => unsubscribe())
        throw error
      }
      const stopListening = live.subscribeAll((event) => {
        if (event.topic === 'account' && event.userId === userId) queue = queue.then(recheck)
      })
      const timers = [
        setInterval(write, heartbeatMs, ': still here\n\n'),
        setInterval(() => { queue = queue.then(recheck) }, recheckMs),
      ]
      stream.once('close', () => {
        streams.delete(stream)
        subscriptions.forEach(unsubscribe => unsubscribe())
        stopListening()
        timers.forEach(clearInterval)
      })

      write(`retry: ${RETRY_MS}\nevent: ready\ndata: {}\n\n`)
      if (closed) end()
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store, no-transform')
        // nginx would hold events back until its buffer is full.
        .header('x-accel-buffering', 'no')
        .send(stream)
    },

    close() {
      closed = true
      stopWatching?.()
      endAll()
    },
  }
}

function maySee(roles: ReadonlyMap<string, WorkspaceRole>, userId: string, event: LiveEvent): boolean {
  // Whoever is named there is told, also that they are a member no longer.
  if (event.topic === 'notifications' || (event.topic === 'members' && event.userId === userId)) return true
  const role = roles.get(event.workspaceId)
  if (role === undefined) return false
  switch (event.topic) {
    case 'purges':
    case 'uploads': return event.userId === userId
    // Whoever sees links sees what they and files tell of themselves; who has looked at the log concerns that person alone.
    case 'activity': return event.userId === undefined
      ? mayInWorkspace(role, 'links.see')
      : mayInWorkspace(role, 'audit.see') && event.userId === userId
    case 'links': return mayInWorkspace(role, 'links.see')
    case 'members': return mayInWorkspace(role, 'members.see')
    case 'items': return mayInWorkspace(role, 'workspace.see')
    // For the server alone.
    case 'account': return false
  }
}
