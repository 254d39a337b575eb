// The yardstick: an HTTP server that only moves bytes between a socket and a file. PUT writes and flushes, GET reads.
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'

const [folder] = process.argv.slice(2) as [string]
const server = createServer(async (request, response) => {
  const path = join(folder, request.url!.replaceAll(/[^\w.-]/g, '_'))
  try {
    if (request.method === 'PUT') {
      await pipeline(request, createWriteStream(path, { flush: true, highWaterMark: 512 * 1024 }))
      response.writeHead(200).end()
    }
    else {
      response.writeHead(200, { 'content-length': (await stat(path)).size })
      await pipeline(createReadStream(path, { highWaterMark: 512 * 1024 }), response)
    }
  }
  catch (error) {
    response.destroy(error as Error)
  }
})
server.listen(0, 'localhost', () => process.send!((server.address() as { port: number }).port))
process.on('disconnect', () => process.exit())
