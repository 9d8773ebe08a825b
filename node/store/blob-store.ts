import type { FileHandle } from 'node:fs/promises'
import { ProtocolError } from '../../protocol/error.ts'
import { type Digest, parseDigest } from '../../protocol/hash.ts'
import { type BlobFiles, type BlobFilesOptions, createBlobFiles, type ReceivedFile } from './blob-file.ts'
import type { Queries } from './connection.ts'
import type { Database } from './database.ts'
import { sql } from './drizzle.ts'
import { digestText, findLog, hexOf, rowsOf, select } from './log-store.ts'
import { fileIsHere, isWhole, readable, type Scope } from './scope.ts'
import { createTurns } from './turns.ts'

export interface BlobStoreOptions extends BlobFilesOptions {
  readonly database: Database
  /** The largest file that is taken. */
  readonly maxBytes: number
}

export interface TakeOptions {
  /** What the bytes must hash to. */
  readonly expected?: Digest
  /** The followed log whose record names it and whose member gives it; else it comes from the operator, for the own logs. */
  readonly namedIn?: string
  /** It was here before, and nothing is new but its bytes. */
  readonly again?: true
}

export interface HeldBlob {
  readonly digest: Digest
  readonly size: number
}

/** A file that a reader may have. */
export interface ReadableBlob extends HeldBlob {
  /** A record of tier public names it: nobody takes that back. */
  readonly lasting: boolean
  open(): Promise<FileHandle>
}

/** Files that records name, and files that no record names yet. Made by `openBlobStore`. */
export interface BlobStore {
  readonly maxBytes: number
  requireRoom: BlobFiles['requireRoom']
  /**
   * Answers when the file is durably here, as every time for the same bytes.
   *
   * @throws {ProtocolError} `DIGEST_MISMATCH` `BODY_TOO_LARGE` `STORAGE_FULL` `STORAGE_UNAVAILABLE`
   */
  take(chunks: AsyncIterable<Uint8Array>, options: TakeOptions): Promise<HeldBlob>
  find(digest: Digest, scope: Scope): Promise<ReadableBlob | undefined>
  /** Removes what records named that were destroyed on request, unless others name it. */
  removeErased(): Promise<void>
  /** At a start: removes also what was on its way when the last process ended. */
  recover(): Promise<void>
  /** Every file that should be here, and what its bytes hash to. */
  check(): AsyncIterable<HeldBlob & { readonly actual: Digest | undefined }>
}

/**
 * A file is received beside, a row says that it comes, then it gets its name, and a second row says that it is here: what a crash leaves
 * of the first three the next start removes. One process alone has the directory; what changes names goes one after the other.
 *
 * @see spec/tier.md, TIER-100 and TIER-104
 */
export function openBlobStore({ database, maxBytes, ...place }: BlobStoreOptions): BlobStore {
  const files = createBlobFiles(place)
  const inTurn = createTurns()

  /** 1. The row that it comes. 2. The name. 3. The row that it is here, which every reader goes by. */
  async function settle(file: ReceivedFile, given: TakeOptions): Promise<boolean> {
    const { digest, size } = file
    const bytes = sql`${hexOf(digest)}::bytea`
    await select(database, sql`insert into blob (digest) values (${bytes}) on conflict do nothing`)
    await files.name(file)
    const kept = await database.transaction(async (tx) => {
      if (given.namedIn !== undefined && !(await noteSource(tx, given.namedIn, digest))) return false
      const attached = given.namedIn === undefined && given.again === undefined
      await rowsOf(
        tx,
        sql`update blob set size = ${size}, attached = attached or ${attached}, erased = erased and not ${attached}
          where digest = ${bytes}`,
      )
      await rowsOf(
        tx,
        sql`update attachment a set wanted = false where digest = ${bytes} and wanted and ${fileIsHere}`,
      )
      return true
    })
    if (!kept) await removeWhere(sql`digest = ${bytes} and size is null`)
    return kept
  }

  async function removeWhere(condition: ReturnType<typeof sql>): Promise<void> {
    const rows = await select<{ digest: Uint8Array }>(
      database,
      sql`select digest from blob b where ${condition}`,
    )
    for (const { digest } of rows) {
      await files.remove(parseDigest(digestText(digest)))
      await select(database, sql`delete from blob where digest = ${hexOf(digestText(digest))}::bytea`)
    }
  }

  const erased = sql`b.erased and not b.attached and not exists (select 1 from blob_source f where f.digest = b.digest)`

  return {
    maxBytes,
    requireRoom: files.requireRoom,
    async take(chunks, given) {
      const { expected } = given
      const file = await files.receive(chunks, maxBytes)
      try {
        if (expected !== undefined && file.digest !== expected)
          throw new ProtocolError('DIGEST_MISMATCH', 'the bytes do not have the digest that was stated', {
            evidence: { expected, actual: file.digest },
          })
        if (!(await inTurn(() => settle(file, given))))
          throw new ProtocolError('NOT_FOUND', 'no record names this file any more')
        return { digest: file.digest, size: file.size }
      } finally {
        await files.discard(file)
      }
    },
    async find(digest, scope) {
      const row = await findRow(database, digest, scope)
      if (!row || (await files.sizeOf(digest)) !== row.size) return undefined
      return { digest, ...row, open: () => files.open(digest) }
    },
    removeErased: () => inTurn(() => removeWhere(erased)),
    recover: () =>
      inTurn(async () => {
        await files.clear()
        await removeWhere(sql`b.size is null or (${erased})`)
      }),
    async *check() {
      let after = '\\x'
      for (;;) {
        const rows = await select<{ digest: Uint8Array; size: number }>(
          database,
          sql`select digest, size from blob where size is not null and digest > ${after}::bytea order by digest limit 256`,
        )
        for (const row of rows) {
          const digest = parseDigest(digestText(row.digest))
          after = hexOf(digest)
          yield { digest, size: row.size, actual: await files.hash(digest) }
        }
        if (rows.length < 256) return
      }
    },
  }
}

/** An erasure holds the row of the log too: it comes before, and then nothing is named, or after, and finds the file. */
async function noteSource(tx: Queries, origin: string, digest: Digest): Promise<boolean> {
  const log = await findLog(tx, origin, { lock: true })
  const rows = await rowsOf(
    tx,
    sql`insert into blob_source (log_id, digest) select log_id, digest from attachment
      where log_id = ${log?.id ?? 0} and digest = ${hexOf(digest)}::bytea limit 1 on conflict (log_id, digest) do update set digest = excluded.digest
      returning digest`,
  )
  return rows.length > 0
}

/** Whoever may read a record that names a file may have the file; one that none names is its operator's. */
async function findRow(
  database: Database,
  digest: Digest,
  scope: Scope,
): Promise<{ readonly size: number; readonly lasting: boolean } | undefined> {
  const [row] = await select<{ size: number; readers: number; lasting: boolean | null }>(
    database,
    sql`select b.size, count(e.index) as readers, bool_or(e.tier = 'public') as lasting from blob b
      left join attachment a on a.digest = b.digest
      left join log l on l.id = a.log_id
      left join entry e on e.log_id = a.log_id and e.index = a.index and e.record is not null and e.fault is null and ${fileIsHere}
        and e.index < l.checkpoint_size and ${readable(scope, 'e')}
      where b.digest = ${hexOf(digest)}::bytea and b.size is not null group by b.digest, b.size`,
  )
  if (!row || (Number(row.readers) === 0 && !isWhole(scope))) return undefined
  return { size: Number(row.size), lasting: row.lasting === true }
}
