import { isDigest } from '../protocol/hash.ts'
import type { JsonValue } from '../protocol/json-value.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import { type Agreements, createAgreements } from './agreement/agreements.ts'
import type { ProposalReceipt } from './agreement/mapping-work.ts'
import type { Deps } from './deps.ts'
import { formatUuid } from './log/publish.ts'
import type { BlobStore } from './store/blob-store.ts'
import type { Database } from './store/database.ts'
import type { Scope } from './store/scope.ts'

export interface AgreementDoorOptions {
  readonly deps: Pick<Deps, 'now' | 'random'>
  readonly database: Database
  readonly trust: () => Trust
  readonly self: string
  readonly blobs: BlobStore
  readonly logPath: (origin: string) => string
  readonly publish: (drafts: readonly JsonValue[]) => Promise<readonly ProposalReceipt[]>
}

/** A mapping set is no larger than what a bundle can hold. */
const maxFile = 24 << 20

/** Agreements with the files of this node: what they pin is read from where records' files are, and put there. */
export function openAgreements(options: AgreementDoorOptions): Agreements {
  const { blobs } = options
  return createAgreements({
    ...options,
    formatUuid,
    readFile: (digest, scope) => readFile(blobs, digest, scope),
    takeFile: async (bytes) => {
      await blobs.take(inOne(bytes), {})
    },
  })
}

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function readFile(blobs: BlobStore, digest: string, scope: Scope): Promise<Uint8Array | undefined> {
  const found = isDigest(digest) ? await blobs.find(digest, scope) : undefined
  if (!found || found.size > maxFile) return undefined
  const file = await found.open()
  try {
    return await file.readFile()
  } finally {
    await file.close()
  }
}
