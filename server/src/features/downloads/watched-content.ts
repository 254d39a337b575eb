import type { Transfer, Transfers } from '../../live/transfers.ts'
import type { Content } from './content.ts'

/** Ends on its way when whoever it is for may not have it any more. What somebody else sends (`locate`) is out of our hands. */
export function watched(transfers: Transfers, content: Content, mark: number, transfer: Transfer): Content {
  return {
    ...content,
    async open(options) {
      const { signal, end } = transfers.begin(transfer, mark)
      try {
        const body = await content.open({
          ...options,
          signal: AbortSignal.any([options.signal, signal]),
        })
        const breakOff = () => body.destroy(signal.reason as Error)
        signal.addEventListener('abort', breakOff, { once: true })
        if (signal.aborted) breakOff()
        return body.once('close', end)
      }
      catch (error) {
        end()
        throw signal.aborted
          ? signal.reason
          : error
      }
    },
  }
}
