import { access } from 'node:fs/promises'
import { ProtocolError } from '../protocol/error.ts'
import { maxRegistryBytes, parseRegistry } from '../protocol/trust/registry.ts'
import { openTrust, type Trust } from '../protocol/trust/trust.ts'
import { readInput } from './file.ts'
import type { World } from './world.ts'

export interface TrustFile {
  /** Where it was looked for; absent when nobody named one and none lies here. */
  readonly file?: string
  readonly trust?: Trust
  /** Why it could not be used. The reader lacks something then; no file he checks is at fault. */
  readonly fault?: ProtocolError
}

/**
 * The root of trust: the file named, else that of the environment, else `trust.json` here. Never from what is being verified.
 *
 * @see protocol/spec/verify.md, VERIFY-19
 */
export async function loadTrust(named: string | undefined, world: World): Promise<TrustFile> {
  const file = named ?? world.env.CSX_TRUST ?? (await defaultFile())
  if (file === undefined) return {}
  try {
    return { file, trust: await openTrustFile(file, world) }
  } catch (fault) {
    if (fault instanceof ProtocolError) return { file, fault }
    throw fault
  }
}

/** @throws {ProtocolError} as `readInput`, `parseRegistry` and `openTrust` */
export async function openTrustFile(file: string, world: World): Promise<Trust> {
  const { registry, fingerprint } = parseRegistry(await readInput(file, maxRegistryBytes, world))
  return openTrust(registry, fingerprint)
}

/** @throws {ProtocolError} `NOT_TRUSTED` — there is no file, or it cannot be used */
export async function requireTrust(named: string | undefined, world: World): Promise<Trust> {
  const { trust, fault } = await loadTrust(named, world)
  if (fault)
    throw new ProtocolError('NOT_TRUSTED', `the trust file cannot be used: ${fault.message}`, {
      place: fault.place,
      cause: fault,
    })
  if (!trust)
    throw new ProtocolError('NOT_TRUSTED', 'no trust file was given, and there is no trust.json here')
  return trust
}

async function defaultFile(): Promise<string | undefined> {
  try {
    await access('trust.json')
    return 'trust.json'
  } catch {
    return undefined
  }
}
