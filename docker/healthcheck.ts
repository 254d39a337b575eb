import { get } from 'node:http'
import process from 'node:process'

/** Ready, as the server itself sees it: exit code 0. */
get({
  host: '127.0.0.1',
  port: Number(process.env.PORT),
  path: '/readyz',
  agent: false,
  timeout: 4000,
}, ({ statusCode }) => {
  process.exit(statusCode === 200
    ? 0
    : 1)
}).on('timeout', () => process.exit(1)).on('error', () => process.exit(1))
