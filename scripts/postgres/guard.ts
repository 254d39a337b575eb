import { spawn } from 'node:child_process'
import process from 'node:process'

/** Stops what this process started when this process is gone, however it went. */
export interface Guard {
  /** From now on it is this process that has to be stopped. */
  watch: (pid: number) => void
  release: () => void
}

/** The shell's input ends with us; until then each line is the id of the process to stop. */
const script = `pid=
while read -r id; do pid=$id; done
if [ -n "$pid" ]; then kill -"$1" "$pid"; fi
if [ -n "$2" ]; then
  n=50 # 5 s; where nobody reaps the dead, they seem to live on
  while [ -n "$pid" ] && [ $n -gt 0 ] && kill -0 "$pid"; do n=$((n - 1)); sleep 0.1; done
  rm -rf "$2"
fi`

/** @param remove a folder to remove as well; what works in it is then stopped the hard way. */
export function createGuard(remove?: string): Guard {
  // Without a guard, what is left behind is cleared up by the next start.
  if (process.platform === 'win32') {
    return {
      watch: () => {},
      release: () => {},
    }
  }
  const shell = spawn('sh', [
    '-c',
    script,
    'sh',
    remove ? 'QUIT' : 'INT',
    remove ?? '',
  ], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  shell.unref()
  ;(shell.stdin as unknown as { unref: () => void }).unref()
  return {
    watch: pid => shell.stdin.write(`${pid}\n`),
    release: () => shell.kill('SIGKILL'),
  }
}
