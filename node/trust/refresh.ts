import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fetcher, Updater } from 'tuf-js'
import { DownloadHTTPError } from 'tuf-js/dist/error.js'
import { ProtocolError } from '../../protocol/error.ts'

/** One file of a repository, from wherever it is; `undefined` when there is none. */
export type RegistrySource = (path: string, maxBytes: number) => Promise<Uint8Array | undefined>

/** What a client of TUF knew before: it never goes back behind it. */
export interface KnownMetadata {
  /** The newest root that is trusted. */
  readonly root: Uint8Array
  readonly timestamp?: Uint8Array | undefined
  readonly snapshot?: Uint8Array | undefined
  readonly targets?: Uint8Array | undefined
}

const limits = { registry: 8 << 20, metadata: 1 << 18 } as const

/**
 * The client workflow of TUF by `tuf-js`: roots in turn, timestamp, snapshot, targets, and the registry by its hash. Its files live in a
 * directory of their own until it ends, so that one that breaks off leaves nothing behind.
 *
 * @returns each file that was fetched, by its path below `/registry/`; what was known already is not among them
 *
 * Proves that the registry is the newest that this source shows, is not older than what was known, and has not expired.
 *
 * @throws {ProtocolError} `REGISTRY_ROLLBACK` `REGISTRY_STALE` `THRESHOLD_NOT_MET` `REGISTRY_MALFORMED`, or what the source throws
 * @see spec/registry.md, REG-11 (TUF 1.0.34, section 5)
 */
export async function refreshRegistry(
  source: RegistrySource,
  known: KnownMetadata,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const directory = await mkdtemp(join(tmpdir(), 'csx-registry-'))
  const fetcher = new SourceFetcher(source, directory)
  try {
    const { root, timestamp, snapshot, targets } = known
    for (const [role, bytes] of Object.entries({ root, timestamp, snapshot, targets }))
      if (bytes) await writeFile(join(directory, `${role}.json`), bytes)
    const updater = new Updater({
      metadataDir: directory,
      metadataBaseUrl: metadataBase,
      targetDir: directory,
      targetBaseUrl: `${metadataBase}/targets`,
      fetcher,
      config: {
        maxRootRotations: 256,
        maxDelegations: 0,
        rootMaxLength: limits.metadata,
        timestampMaxLength: limits.metadata,
        snapshotMaxLength: limits.metadata,
        targetsMaxLength: limits.metadata,
      },
    })
    await updater.refresh()
    const target = await updater.getTargetInfo('registry.json')
    if (!target) throw new ProtocolError('REGISTRY_MALFORMED', 'the targets name no registry.json')
    if (target.length > limits.registry)
      throw new ProtocolError('SIZE_LIMIT', 'the registry is larger than it may be')
    // The registry is named by its hash: with targets that were known already, it is as well.
    if ([...fetcher.files.keys()].some((path) => path.endsWith('.targets.json')))
      await updater.downloadTarget(target)
    return fetcher.files
  } catch (error) {
    throw asProblem(fetcher.failure ?? error)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** A name that leads nowhere: what is below it is asked of the source. */
const metadataBase = 'http://repository.invalid'

/** Hands what `tuf-js` asks for to the source, and keeps what came. */
class SourceFetcher implements Fetcher {
  readonly files = new Map<string, Uint8Array>()
  /** Why the source could not be read: `tuf-js` hides it in a text of its own. */
  failure: ProtocolError | undefined
  private readonly source: RegistrySource
  private readonly directory: string

  constructor(source: RegistrySource, directory: string) {
    this.source = source
    this.directory = directory
  }

  async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    const path = url.slice(metadataBase.length + 1)
    const bytes = await this.ask(path, maxLength)
    this.files.set(path, bytes)
    return Buffer.from(bytes)
  }

  async downloadFile<T>(url: string, maxLength: number, handler: (file: string) => Promise<T>): Promise<T> {
    const file = join(this.directory, 'download')
    await writeFile(file, await this.downloadBytes(url, maxLength))
    return handler(file)
  }

  private async ask(path: string, maxLength: number): Promise<Uint8Array> {
    try {
      const bytes = await this.source(path, maxLength)
      if (bytes && bytes.length <= maxLength) return bytes
      if (bytes) throw new ProtocolError('RESPONSE_TOO_LARGE', 'a file of the registry is too large')
    } catch (error) {
      if (error instanceof ProtocolError) this.failure = error
      throw error
    }
    throw new DownloadHTTPError('not there', 404)
  }
}

/** Its errors reach us as texts within texts; which rule was broken is in the words. */
function asProblem(error: unknown): unknown {
  if (error instanceof ProtocolError || !(error instanceof Error)) return error
  const { message } = error
  if (/expired/.test(message))
    return new ProtocolError('REGISTRY_STALE', 'the registry has expired', { cause: error })
  if (/was signed by \d+\/\d+ keys/.test(message))
    return new ProtocolError('THRESHOLD_NOT_MET', message.slice(0, 300), { cause: error })
  if (/less than current|does not match|doesn't match|Expected version/.test(message))
    return new ProtocolError('REGISTRY_ROLLBACK', message.slice(0, 300), { cause: error })
  return new ProtocolError('REGISTRY_MALFORMED', message.slice(0, 300), { cause: error })
}
