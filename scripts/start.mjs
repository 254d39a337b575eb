import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ensureClient, ensureInstalled, ensureWebBuilt, localNode, requireNode, root, run, toolEnvironment } from './toolchain.mjs'

/** `npm start`, `npm run dev` (--dev), `npm run clientshare` (--command) and `npm run bench` (--bench). */
requireNode()
const [, , mode, ...others] = process.argv
await ensureInstalled()
if (mode === '--dev') await ensureClient()
else if (mode !== '--command') await ensureWebBuilt()
if (mode === '--bench') {
  process.exit(await run(localNode(), [
    join(root, 'server/bench/main.ts'),
    ...others,
  ], {
    env: toolEnvironment(),
  }))
}
endWithNpm()
process.exit(await run(localNode(), mode === '--command'
  ? [
      join(root, 'scripts/clientshare.ts'),
      ...others,
    ]
  : [
      join(root, 'scripts/launch.ts'),
      ...process.argv.slice(2),
    ], {
  // The caller's folder, for a relative DATA_DIR.
  cwd: process.cwd(),
  // When this process is killed, the channel breaks and the launcher stops everything.
  ipc: true,
}))

/** npm runs scripts in a shell; when npm itself is killed, neither of the two below it hears of it. */
function endWithNpm() {
  if (!['start', 'dev', 'clientshare'].includes(process.env.npm_lifecycle_event) || !existsSync('/proc/self/stat')) return
  const parentOf = pid => Number(statOf(pid).parent)
  const above = [
    process.ppid,
    statOf(process.ppid).name === 'sh'
      ? parentOf(process.ppid)
      : 0,
  ].filter(pid => pid > 1)
  const timer = setInterval(() => {
    if (above.every(pid => existsSync(`/proc/${pid}`)) && process.ppid === above[0]) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 1000)
  timer.unref()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => clearInterval(timer))
}

function statOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const end = stat.lastIndexOf(')')
  return {
    name: stat.slice(stat.indexOf('(') + 1, end),
    parent: stat.slice(end + 2).split(' ')[1],
  }
}
