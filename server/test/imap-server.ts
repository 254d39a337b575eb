import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { CERTIFICATE, KEY } from './smtp-server.ts'

/** A real IMAP server (Dovecot 2.3), where there is one. Absent: tests that need one are skipped, and `npm test` says so. */
export const dovecotBinary = [process.env.DOVECOT_BINARY, '/usr/sbin/dovecot'].find(path => path && existsSync(path))

export interface TestImap {
  /** `REPLY_INBOX` for one of its people: each name has a mailbox of its own, with the password `secret`. */
  url: (user: string) => string
  port: number
  /** As mail servers put a mail into somebody's mailbox. */
  deliver: (user: string, raw: string | Buffer) => void
  stop: () => Promise<void>
}

let delivered = 0

/** Without TLS unless told otherwise. */
export async function startImap({ tls = false }: { tls?: boolean } = {}): Promise<TestImap> {
  // Dovecot gives root no mailbox; and the folders of a run are root's alone, so that nobody else comes to one in there.
  const isRoot = userInfo().uid === 0
  const folder = mkdtempSync(join(isRoot
    ? '/tmp'
    : tmpdir(), 'clientshare-imap-'))
  chmodSync(folder, 0o755)
  const id = (flag: string) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout)
  const owner = isRoot
    ? {
        name: 'nobody',
        uid: id('-u'),
        gid: id('-g'),
      }
    : { name: userInfo().username, uid: userInfo().uid, gid: userInfo().gid }
  const port = await findFreePort()
  writeFileSync(join(folder, 'cert.pem'), CERTIFICATE)
  writeFileSync(join(folder, 'key.pem'), KEY, { mode: 0o600 })
  mkdirSync(join(folder, 'homes'))
  chownSync(join(folder, 'homes'), owner.uid, owner.gid)
  writeFileSync(join(folder, 'dovecot.conf'), `
base_dir = ${folder}/run
state_dir = ${folder}/state
protocols = imap
listen = 127.0.0.1
log_path = ${folder}/log
default_internal_user = ${owner.name}
default_login_user = ${owner.name}
default_internal_group = ${spawnSync('id', ['-gn', owner.name], { encoding: 'utf8' }).stdout.trim()}
first_valid_uid = 1
ssl = ${tls
  ? 'required'
  : 'no'}
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${folder}/homes/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${tls
      ? 0
      : port}
  }
  inet_listener imaps {
    port = ${tls
      ? port
      : 0}
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
namespace inbox {
  inbox = yes
}
`)
  const server = spawn(dovecotBinary!, [
    '-F',
    '-c',
    join(folder, 'dovecot.conf'),
  ], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [server.stdout, server.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output += text)
  for (let tries = 0; ; tries++) {
    if (server.exitCode !== null || tries > 600) throw new Error(`Dovecot does not start: ${output}`)
    const socket = connect(port, '127.0.0.1')
    const isThere = await Promise.race([
      once(socket, 'connect').then(() => true, () => false),
      once(socket, 'error').then(() => false),
    ])
    socket.destroy()
    if (isThere) break
    await sleep(100)
  }
  return {
    port,
    url: user => `${tls
      ? 'imaps'
      : 'imap'}://${encodeURIComponent(user)}:secret@127.0.0.1:${port}/INBOX`,
    deliver(user, raw) {
      const box = join(folder, 'homes', user, 'Maildir')
      for (const part of ['', 'cur', 'new', 'tmp']) {
        mkdirSync(join(box, part), { recursive: true })
        chownSync(join(box, part), owner.uid, owner.gid)
      }
      chownSync(join(folder, 'homes', user), owner.uid, owner.gid)
      const file = join(box, 'new', `${Date.now()}.${process.pid}_${delivered++}.test`)
      writeFileSync(file, raw)
      chownSync(file, owner.uid, owner.gid)
    },
    async stop() {
      if (server.exitCode === null && server.kill('SIGTERM')) await once(server, 'exit')
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
