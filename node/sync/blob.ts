import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { type Digest, parseDigest } from '../../protocol/hash.ts'
import type { Grant } from '../../protocol/trust/audience.ts'
import type { Deps } from '../deps.ts'
import { listWanted, noteTry, sumHeld, type WantedBlob } from '../projection/wanted-blob.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { Database } from '../store/database.ts'
import type { MemberClient } from './client.ts'

export interface BlobFetcherOptions {
  readonly deps: Pick<Deps, 'monotonic' | 'random' | 'logger'>
  readonly database: Database
  readonly blobs: BlobStore
  readonly client: Pick<MemberClient, 'stream'>
  readonly origin: string
  /** The address of the log's own member; `undefined` where the registry names it no more. */
  readonly base: () => string | undefined
  readonly grants: () => readonly Grant[]
  /** Milliseconds between two looks at the log. */
  readonly interval: number
  /** Told when files came. */
  readonly onHeld: () => Promise<void>
}

/** Gets the files that the records of one held log name. Made by `createBlobFetcher`. */
export interface BlobFetcher {
  /** After a look at the log; `renewed`: entries came with it. Nobody waits for what it does. */
  wake(renewed: boolean): void
  stop(): Promise<void>
}

/** Files that are asked for before what came of it is looked at. */
const together = 16
/** A log has the share of so many files of the largest size. */
const filesOfOneLog = 32
/** A whole file, whatever its size: 64 MiB at 55 KiB a second. */
const timeLimit = 20 * 60_000
const longestPause = 5 * 60_000

/** What is wrong with one file; all else is wrong with the peer for now, or here. */
const ofOneFile: ReadonlySet<ProblemCode> = new Set([
  'BLOB_MISSING',
  'DIGEST_MISMATCH',
  'RESPONSE_TOO_LARGE',
  'BODY_TOO_LARGE',
  'PAGE_MALFORMED',
])

/**
 * Each log has one of its own, beside its follower: no record, no cursor and no other log waits for a file. What does not come is asked
 * for again after pauses that double while nothing comes of it; one that is larger than this node takes, not before it takes larger ones.
 *
 * @see spec/tier.md, TIER-103 (R18, R20)
 */
export function createBlobFetcher(options: BlobFetcherOptions): BlobFetcher {
  const { deps, origin } = options
  const ending = new AbortController()
  let running: Promise<void> | undefined
  let [due, failures] = [0, 0]
  // Entries came while files were asked for: what was listed may lack theirs.
  let again = false
  let trouble: string | undefined

  async function run(): Promise<void> {
    await options.blobs.removeErased()
    if (deps.monotonic() < due) return
    try {
      const more = await fetchAll(options, ending.signal)
      failures = more ? failures + 1 : 0
      due = more ? deps.monotonic() + pause(0) : 0
      trouble = undefined
    } catch (error) {
      if (ending.signal.aborted) return
      failures += 1
      const asked = error instanceof ProtocolError ? Number(error.evidence.retryAfter ?? 0) * 1000 : 0
      due = deps.monotonic() + pause(asked)
      tell(error)
    }
  }

  function pause(asked: number): number {
    const bound = Math.min(longestPause, options.interval * 2 ** Math.min(failures, 12))
    return Math.max(asked, bound * (0.5 + 0.5 * ((deps.random(1)[0] ?? 0) / 256)))
  }

  function tell(error: unknown): void {
    if (!(error instanceof ProtocolError)) {
      deps.logger.error({ origin, err: error }, 'files could not be asked for')
      return
    }
    const level = trouble === error.code ? 'debug' : 'warn'
    deps.logger[level]({ origin, code: error.code }, `files cannot be had now: ${error.message}`)
    trouble = error.code
  }

  function wake(renewed: boolean): void {
    if (ending.signal.aborted) return
    if (running) again ||= renewed
    // A peer that asked for patience, or that cannot be reached, is not asked sooner for new entries.
    if (renewed && trouble === undefined) due = 0
    running ??= run()
      .catch(tell)
      .finally(() => {
        running = undefined
        const missed = again
        again = false
        if (missed) wake(true)
      })
  }

  return {
    wake,
    stop: async () => {
      ending.abort()
      await running
    },
  }
}

/**
 * @returns whether something is left that did not come
 * @throws {ProtocolError} `SIZE_LIMIT` — the files of this log have their share of the disk, and no other log is to lack its own
 */
async function fetchAll(options: BlobFetcherOptions, signal: AbortSignal): Promise<boolean> {
  const { database, origin, blobs } = options
  const share = filesOfOneLog * blobs.maxBytes
  for (;;) {
    const query = { grants: options.grants(), maxBytes: blobs.maxBytes, limit: together }
    const wanted = await listWanted(database, origin, query)
    let found = 0
    try {
      for (const file of wanted) {
        if ((await sumHeld(database, origin)) + blobs.maxBytes > share)
          throw new ProtocolError('SIZE_LIMIT', 'the files of this log have their share of the disk', {
            evidence: { bytes: share },
          })
        if (await fetchOne(options, file, signal)) found += 1
      }
    } finally {
      if (found > 0) await options.onHeld()
    }
    if (found === 0) return wanted.length > 0
  }
}

async function fetchOne(
  options: BlobFetcherOptions,
  file: WantedBlob,
  signal: AbortSignal,
): Promise<boolean> {
  const { database, deps, origin, blobs } = options
  const place = { origin, digest: file.digest }
  try {
    await fetchFile(options, { ...file, digest: parseDigest(file.digest) }, signal)
    deps.logger.debug(place, 'a file is here')
    return true
  } catch (error) {
    if (signal.aborted || !(error instanceof ProtocolError)) throw error
    // While it came, the record that named it went.
    if (error.code === 'NOT_FOUND') return false
    const large = error.code === 'RESPONSE_TOO_LARGE' || error.code === 'BODY_TOO_LARGE'
    await noteTry(database, place, large ? { code: 'SIZE_LIMIT', bound: blobs.maxBytes } : error)
    if (!ofOneFile.has(error.code)) throw error
    deps.logger.debug({ ...place, code: error.code }, error.message)
    return false
  }
}

async function fetchFile(
  { blobs, client, origin, base }: BlobFetcherOptions,
  { digest, proven }: { readonly digest: Digest; readonly proven: boolean },
  signal: AbortSignal,
): Promise<void> {
  const address = base()?.replace(/\/+$/, '')
  if (address === undefined) throw new ProtocolError('NOT_A_MEMBER', 'the log has no member any more')
  await blobs.requireRoom(0)
  const limits = { maxBytes: blobs.maxBytes, timeout: timeLimit, signal, proven }
  const took = await client.stream(`${address}/blobs/${digest}`, limits, (chunks) =>
    blobs.take(chunks, { expected: digest, namedIn: origin }),
  )
  if (!took) throw new ProtocolError('BLOB_MISSING', 'the log’s own member does not give this file')
}
