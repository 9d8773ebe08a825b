import { maxTextLength } from '../protocol/agreement-bundle.ts'
import { type Digest, isDigest } from '../protocol/hash.ts'
import type { NamedRow } from '../protocol/record/mapping-row.ts'
import type { Route } from './access/policy.ts'
import { type AgreementList, createAgreementList } from './agreement/agreement-list.ts'
import { type Agreements, createAgreements } from './agreement/agreements.ts'
import { readAnswerState } from './agreement/answer-state.ts'
import { type Comparer, createComparer } from './agreement/comparer.ts'
import {
  createMappingWork,
  type MappingWork,
  type MappingWorkOptions,
  type Reading,
} from './agreement/mapping-work.ts'
import { createProjectDesk, type ProjectDesk } from './agreement/project-desk.ts'
import type { Deps } from './deps.ts'
import { formatUuid } from './log/publish.ts'
import type { Catalogue } from './projection/port.ts'
import type { BlobStore } from './store/blob-store.ts'
import { type Scope, wholeScope } from './store/scope.ts'

export interface AgreementWorkOptions extends MappingWorkOptions {
  readonly deps: Pick<Deps, 'now' | 'random'>
  readonly blobs: BlobStore
  /** Of all that is here. */
  readonly catalogue: Catalogue
  readonly logPath: (origin: string) => string
  readonly readingOf: (route: Route, request: Request) => Promise<Reading>
  readonly catalogueOf: (scope: Scope) => Catalogue
}

export interface AgreementWork {
  readonly mapping: MappingWork
  readonly agreements: Agreements
  readonly agreementList: AgreementList
  readonly desk: ProjectDesk
  readonly compare: Comparer
  readonly readingOf: AgreementWorkOptions['readingOf']
  /** Rows of mapping work that whoever asks may read. */
  readonly mappingRowsFor: (route: Route, request: Request) => Promise<readonly NamedRow[]>
}

/** What coordinators do: mapping work and agreements, with the files that agreements pin where this node has its files. */
export function openAgreementWork(options: AgreementWorkOptions): AgreementWork {
  const { blobs, readingOf } = options
  const mapping = createMappingWork(options)
  const source = {
    database: options.database,
    trust: options.trust,
    readFile: (digest: string, scope: Scope) => readFile(blobs, digest, scope),
  }
  const agreements = createAgreements({
    ...options,
    ...source,
    formatUuid,
    takeFile: async (bytes) => {
      await blobs.take(inOne(bytes), {})
    },
    keepFile: (digest) => keepFile(blobs, digest),
  })
  const validFor = async () => `${options.trust().fingerprint} ${await readAnswerState(options.database)}`
  const agreementList = createAgreementList({
    ...source,
    // A standing is that of a moment: by the witnesses it may be another a minute later.
    validFor: async () => `${Math.floor(options.deps.now() / 60_000)} ${await validFor()}`,
  })
  return {
    mapping,
    agreements,
    agreementList,
    desk: createProjectDesk({ ...options, validFor, catalogue: options.catalogueOf(wholeScope) }),
    compare: createComparer({ ...options, mapping, agreementList }),
    readingOf,
    mappingRowsFor: async (route, request) => mapping.rowsFor(await readingOf(route, request)),
  }
}

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function readFile(blobs: BlobStore, digest: string, scope: Scope): Promise<Uint8Array | undefined> {
  const found = isDigest(digest) ? await blobs.find(digest, scope) : undefined
  if (!found || found.size > maxTextLength) return undefined
  const file = await found.open()
  try {
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** What came here for another's log is taken for the own one too: its bytes are read again, as if they were handed in. */
async function keepFile(blobs: BlobStore, digest: Digest): Promise<boolean> {
  const found = await blobs.find(digest, wholeScope)
  if (!found) return false
  const file = await found.open()
  try {
    await blobs.take(file.createReadStream({ autoClose: false }), { expected: digest })
  } finally {
    await file.close()
  }
  return true
}
