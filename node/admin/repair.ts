import { ProtocolError } from '../../protocol/error.ts'
import { type Checkpoint, openCheckpoint } from '../../protocol/log/checkpoint.ts'
import type { VerifierKey } from '../../protocol/log/note.ts'
import type { ProvenBundle } from '../../protocol/log/proven-bundle.ts'
import { fullWidth } from '../../protocol/log/tile.ts'
import { deleteRows, findRowsBeyond, remakeEntries, visibleEnd } from '../projection/remake.ts'
import type { Database } from '../store/database.ts'
import { sql } from '../store/drizzle.ts'
import { findLog, type StoredLog, select } from '../store/log-store.ts'
import { type Asking, createAsking, type Refusal } from './asking.ts'
import type { RepairPorts, RepairSource } from './port.ts'
import { visitOtherRows } from './read-model.ts'
import { createReference } from './reference.ts'
import { type Mended, momentAfter, repairBundle } from './repair-bundle.ts'
import { mendTiles } from './repair-tile.ts'
import { cutTail, isTailWhole, type SignedEnd } from './tail.ts'

export interface RepairOptions {
  readonly origin: string
  /** The log's keys, from the registry. */
  readonly keys: readonly VerifierKey[]
  readonly sources: readonly RepairSource[]
  readonly ports: RepairPorts
  readonly onProgress?: (done: number, size: number) => void
}

export interface RepairReport {
  readonly mended: readonly Mended[]
  /** Entries beyond the signed part that went, because they did not fit together. */
  readonly cut: number
  readonly refusals: readonly Refusal[]
}

/**
 * Mends a stored log, own or held, as far as its stored note vouches for what is put in its place:
 *
 * 1. Bundle by bundle, entries that lead to the signed root, and records with the digest in their entry: from what is stored, else
 *    from the first source that has them. One transaction a bundle.
 * 2. What stands beyond the note stays if it fits together, else it goes, in one transaction.
 * 3. Tiles that differ from those of the entries, then rows of the read model that differ from those of the records.
 *
 * Whatever it is killed in leaves a store that is mended by running it again. Signs nothing, leaves the note as it is, and writes over
 * nothing that is right. What it cannot mend it leaves: `checkStoredLog` names that.
 *
 * @throws {ProtocolError} the note does not verify, so that nothing vouches for anything: then nothing is touched
 * @throws {ProtocolError} `LOG_MISMATCH` `STORAGE_UNAVAILABLE` `STORAGE_FULL`
 * @see spec/durability.md, DUR-31 to DUR-34
 */
export async function repairStoredLog(database: Database, options: RepairOptions): Promise<RepairReport> {
  const log = await readLog(database, options.origin)
  const target = openTarget(log, options.keys)
  const asking = createAsking(options.sources)
  const mended: Mended[] = []
  const { left, lastAt } = await mendBundles(database, options, { log, target, asking, mended })
  const signed = target?.size ?? 0
  const cut = left.size === 0 ? await mendEnd(database, log, { size: signed, lastAt }, mended) : 0
  await mendTiles(database, await readLog(database, options.origin), { signed, left, mended })
  await mendRows(database, options, { signed, left, mended })
  return { mended, cut, refusals: asking.refusals }
}

async function readLog(database: Database, origin: string): Promise<StoredLog> {
  const log = await database.run((queries) => findLog(queries, origin))
  if (log) return log
  throw new ProtocolError('LOG_MISMATCH', 'no such log here', { evidence: { origin } })
}

/** A copy that was never complete has no note yet, and is pulled again from where it is cut; an own log has nothing else to go by. */
function openTarget(log: StoredLog, keys: readonly VerifierKey[]): Checkpoint | undefined {
  if (log.checkpoint !== null) return openCheckpoint(log.checkpoint, { origin: log.origin, keys }).checkpoint
  if (!log.own && log.checkpointSize === 0) return undefined
  throw new ProtocolError('CHECKPOINT_MALFORMED', 'no signed note vouches for any of this log')
}

interface Mending {
  readonly log: StoredLog
  readonly target: Checkpoint | undefined
  readonly asking: Asking
  readonly mended: Mended[]
}

/** By number; with what they must hash to, where that is known. */
type LeftBundles = ReadonlyMap<number, ProvenBundle | undefined>

/** Bundles that nobody could prove or has are left, with what they must hash to. */
async function mendBundles(
  database: Database,
  { ports, onProgress }: RepairOptions,
  { log, target, asking, mended }: Mending,
): Promise<{ readonly left: LeftBundles; readonly lastAt: string }> {
  const left = new Map<number, ProvenBundle | undefined>()
  let lastAt = ''
  if (!target) return { left, lastAt }
  const reference = createReference(database, { log, target, asking, openTree: ports.openTree })
  for (let start = 0; start < target.size; start += fullWidth) {
    const bundle = { index: start / fullWidth, width: Math.min(fullWidth, target.size - start) }
    const expected = await reference.prove(bundle)
    const options = { database, log, asking, check: ports.check, lastAt }
    const repaired = expected && (await repairBundle(options, bundle, expected))
    if (repaired) {
      mended.push(...repaired.mended)
      lastAt = momentAfter(log, start, repaired.entries, lastAt)
    } else left.set(bundle.index, expected)
    onProgress?.(start + bundle.width, target.size)
  }
  return { left, lastAt }
}

/** @returns how many entries were cut off */
async function mendEnd(
  database: Database,
  log: StoredLog,
  end: SignedEnd,
  mended: Mended[],
): Promise<number> {
  const whole = await isTailWhole(database, log, end)
  const cut = whole ? 0 : await cutTail(database, log, end)
  const noted = await select(
    database,
    sql`update log set checkpoint_size = ${end.size}, visible = case when own then least(visible, ${end.size}) else size end
      where id = ${log.id} and (checkpoint_size <> ${end.size} or visible > case when own then ${end.size} else size end) returning id`,
  )
  if (!whole || noted.length > 0) mended.push({ index: end.size, part: 'log' })
  return cut
}

/** Of entries that are proven; what stands beyond the note counts once everything below it is whole. */
async function mendRows(
  database: Database,
  { origin, ports }: RepairOptions,
  {
    signed,
    left,
    mended,
  }: { readonly signed: number; readonly left: LeftBundles; readonly mended: Mended[] },
): Promise<void> {
  const log = await readLog(database, origin)
  const beyond = left.size === 0 ? await findRowsBeyond(database, log) : []
  // First, since such a row may hold what another needs.
  if (beyond.length > 0) await database.transaction((tx) => deleteRows(tx, log, sql`>= ${visibleEnd(log)}`))
  for (const index of beyond) mended.push({ index, part: 'row' })
  await visitOtherRows(database, { origin, check: ports.check }, async (entries) => {
    const proven = entries.filter(
      ({ index }) => left.size === 0 || (index < signed && !left.has(Math.floor(index / fullWidth))),
    )
    if (proven.length > 0) await remakeEntries(database, origin, proven)
    for (const { index } of proven) mended.push({ index, part: 'row' })
  })
}
