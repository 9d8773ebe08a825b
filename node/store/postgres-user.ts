import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { configFault } from './fault.ts'

/** The operating system's user that PostgreSQL runs as when we are root, which it refuses to be. */
export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Undefined for an ordinary user, who runs it himself. No user is ever created. */
export async function findServerUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const users = await listUsers()
  const user = ['postgres', 'nobody'].map((name) => users.get(name)).find((found) => found !== undefined)
  if (user !== undefined) return user
  throw configFault(
    'DATABASE_URL',
    'not set, and as root PostgreSQL needs a user `postgres` or `nobody`, of whom there is none',
    'start the node as an ordinary user, or set DATABASE_URL',
  )
}

async function listUsers(): Promise<ReadonlyMap<string, SystemUser>> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const users = new Map<string, SystemUser>()
  for (const line of text.split('\n')) {
    const [name = '', , uid = '', gid = ''] = line.split(':')
    // A negative number (macOS) does not fit the calls that take it.
    if (/^\d+$/.test(uid) && /^\d+$/.test(gid)) users.set(name, { name, uid: Number(uid), gid: Number(gid) })
  }
  return users
}

/** What a program must not inherit: our environment holds secrets, and our directory may be closed to its user. */
export function spawnOptionsFor(user: SystemUser | undefined): {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly uid?: number
  readonly gid?: number
} {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', TZ: 'UTC' }
  return user === undefined ? { cwd: '/', env } : { cwd: '/', env, uid: user.uid, gid: user.gid }
}

/** Whether a program ends well as that user, and what it said. */
export function runAs(
  user: SystemUser | undefined,
  program: string,
  args: readonly string[],
): Promise<{ readonly ok: boolean; readonly said: string }> {
  return new Promise((done) => {
    execFile(program, args, { ...spawnOptionsFor(user), timeout: 120_000 }, (error, stdout, stderr) => {
      done({ ok: error === null, said: `${stdout}${stderr}`.trim() })
    })
  })
}
