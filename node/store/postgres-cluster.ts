import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeHex } from '../../protocol/bytes.ts'
import type { Deps } from '../deps.ts'
import { configFault } from './fault.ts'
import { readIfThere, syncDirectory, writeDurably } from './file.ts'
import { programPath } from './postgres-binaries.ts'
import { lastLine, type PostgresPlace } from './postgres-place.ts'
import { runAs } from './postgres-user.ts'

export const serverUser = 'csx'
export const serverDatabase = 'postgres'

/** The password of the one database user, made once and readable by us alone. */
export async function readPassword(dataDirectory: string, deps: Pick<Deps, 'random'>): Promise<string> {
  const path = join(dataDirectory, 'postgres', 'password')
  const known = await readIfThere(path)
  if (known !== undefined && known !== '') return known
  const password = encodeHex(deps.random(24))
  await writeDurably(path, password, 0o600)
  return password
}

/**
 * Makes the cluster unless it is there. `initdb` works in a directory of its own, which gets its name only when
 * complete and on disk: a start that was killed leaves rubbish, never half a cluster, and even an `initdb` that
 * outlived its node works on beside the new one and not in it.
 *
 * @throws {ProtocolError} `CONFIG_INVALID` — `initdb` failed, or the cluster is of another major version
 */
export async function ensureCluster(
  place: PostgresPlace,
  password: string,
  deps: Pick<Deps, 'random'>,
): Promise<void> {
  const version = await readIfThere(join(place.cluster, 'PG_VERSION'))
  if (version !== undefined) return checkVersion(version.trim(), place.version)
  for (const name of await readdir(place.root)) {
    if (name.startsWith('data.new-')) {
      await rm(join(place.root, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
    }
  }
  const unfinished = join(place.root, `data.new-${encodeHex(deps.random(6))}`)
  const passwordFile = `${unfinished}.password`
  try {
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (place.user !== undefined) await chown(passwordFile, place.user.uid, place.user.gid)
    await initialise(place, unfinished, passwordFile)
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(unfinished, place.cluster)
  await syncDirectory(place.root)
}

function checkVersion(found: string, packaged: string): void {
  if (packaged.startsWith(`${found}.`)) return
  throw configFault(
    'CSX_DATA_DIR',
    `its database is of PostgreSQL ${found}, and this package brings ${packaged}`,
    'export it with the release that made it, then import it here',
  )
}

async function initialise(place: PostgresPlace, cluster: string, passwordFile: string): Promise<void> {
  await mkdir(cluster, { mode: 0o700 })
  if (place.user !== undefined) await chown(cluster, place.user.uid, place.user.gid)
  const { ok, said } = await runAs(place.user, programPath(place.native, 'initdb'), [
    `--pgdata=${cluster}`,
    `--username=${serverUser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Built in, so that an update of the system's C library cannot change the order of an index.
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--no-instructions',
  ])
  if (ok) return
  await rm(cluster, { recursive: true, force: true }).catch(() => {})
  throw configFault(
    'CSX_DATA_DIR',
    `a database cannot be made there (${lastLine(said)})`,
    'see that there is room and that this user may write there, or set DATABASE_URL',
  )
}
