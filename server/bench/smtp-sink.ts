// A mail server that takes everything and keeps nothing, in a process of its own: prints its port, ends with its input.
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { SMTPServer } from 'smtp-server'

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  disableReverseLookup: true,
  onData(stream, _session, done) {
    stream.resume().on('end', () => done(null))
  },
})
server.on('error', () => {})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.server.address() as AddressInfo).port}\n`))
process.stdin.resume().on('end', () => process.exit(0))
