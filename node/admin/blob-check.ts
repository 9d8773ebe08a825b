import type { ProblemCode } from '../../protocol/error.ts'
import type { Digest } from '../../protocol/hash.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { hexOf, select } from '../store/log-store.ts'
import { fileIsHere, publicScope, readable } from '../store/scope.ts'

/** A file that is not what its name says, or is gone. */
export interface BlobFault {
  readonly digest: Digest
  readonly code: ProblemCode
}

/** Whom a file may be asked of: all members, where everybody may have it, or those in whose logs a record names it. */
export interface BlobOwners {
  readonly everybody: boolean
  /** Origins of held logs. */
  readonly origins: readonly string[]
}

/**
 * Hashes every file that should be here. Reads alone.
 *
 * @see spec/tier.md, TIER-106
 */
export async function checkBlobs(blobs: BlobStore): Promise<readonly BlobFault[]> {
  const faults: BlobFault[] = []
  for await (const { digest, actual } of blobs.check())
    if (actual !== digest)
      faults.push({ digest, code: actual === undefined ? 'BLOB_MISSING' : 'DIGEST_MISMATCH' })
  return faults
}

/** What came of one file: from whom it was taken, or the code of why nobody gave it. */
export interface BlobRepair extends BlobFault {
  readonly from?: string
}

/**
 * Asks for files anew, one after the other. Nobody is asked for a digest that he does not know already.
 *
 * @param ask takes the file from somebody, and says from whom
 */
export async function repairBlobs(
  database: Database,
  faults: readonly BlobFault[],
  ask: (digest: Digest, owners: BlobOwners) => Promise<string | undefined>,
): Promise<readonly BlobRepair[]> {
  const repairs: BlobRepair[] = []
  for (const { digest, code } of faults) {
    const from = await ask(digest, await findOwners(database, digest))
    repairs.push(from === undefined ? { digest, code } : { digest, code, from })
  }
  return repairs
}

async function findOwners(database: Database, digest: Digest): Promise<BlobOwners> {
  const rows = await select<{ origin: string; own: boolean; open: boolean }>(
    database,
    sql`select l.origin, l.own, ${readable(publicScope, 'e')} as open
      from attachment a join log l on l.id = a.log_id join entry e on e.log_id = a.log_id and e.index = a.index
      where a.digest = ${hexOf(digest)}::bytea and e.fault is null and ${fileIsHere}`,
  )
  const held = rows.filter(({ own }) => !own)
  return { everybody: rows.some(({ open }) => open), origins: held.map(({ origin }) => origin) }
}
