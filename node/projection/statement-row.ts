import type { Agreement } from '../../protocol/record/agreement.ts'
import type { ExchangeRecord } from '../../protocol/record/envelope.ts'
import type { ReportSubject } from '../../protocol/record/implementation-report.ts'
import {
  isAttestation,
  isBasisDocument,
  isImplementationReport,
  isIndicatorSet,
  isMappingProposal,
} from '../../protocol/record/schema.ts'
import type { AttachmentRow } from './attachment-row.ts'

/** What a statement is looked up by, and the files that it names. */
export interface StatementFacts {
  /** Mapping work by its project, an act by its agreement, a basis document by its number, a report by its period, a set by its code. */
  readonly topic: string
  readonly attachments: readonly AttachmentRow[]
}

/** Of mapping work, acts about agreements and what they rest on, and reports; `undefined` of every other record. */
export function statementFacts(record: ExchangeRecord): StatementFacts | undefined {
  if (isMappingProposal(record)) return { topic: record.credentialSubject.project, attachments: [] }
  if (isAttestation(record)) {
    const { id, agreement } = record.credentialSubject
    return { topic: id, attachments: agreement === undefined ? [] : filesOf(agreement) }
  }
  if (isImplementationReport(record)) return reportFacts(record.credentialSubject)
  if (isIndicatorSet(record)) return { topic: record.credentialSubject.code, attachments: [] }
  if (!isBasisDocument(record)) return undefined
  const { documentNo, fileDigest, titleZh } = record.credentialSubject
  const file = { mediaType: 'application/octet-stream', name: titleZh.slice(0, 200) }
  return { topic: documentNo, attachments: fileDigest === undefined ? [] : [{ digest: fileDigest, ...file }] }
}

function reportFacts({ period, lines }: ReportSubject): StatementFacts {
  const digests = lines.flatMap(({ evidence = [] }) =>
    evidence.flatMap((item) => ('digest' in item ? [item.digest] : [])),
  )
  const attachments = [...new Set(digests)].map((digest) => ({
    digest,
    mediaType: 'application/octet-stream',
    name: 'evidence',
  }))
  return { topic: period, attachments }
}

/** Without them nobody can check the agreement: they are held with it. */
function filesOf(agreement: Agreement): readonly AttachmentRow[] {
  const json = (digest: string, name: string) => ({ digest, mediaType: 'application/json', name })
  switch (agreement.kind) {
    case 'recognition':
      return 'digest' in agreement.mapping
        ? [
            {
              digest: agreement.mapping.digest,
              mediaType: 'text/tab-separated-values',
              name: 'mapping.sssom.tsv',
            },
          ]
        : []
    case 'interconnection': {
      const { schema, suite, endpoints } = agreement.scope
      const samples = endpoints.flatMap((endpoint) => ('sample' in endpoint ? [endpoint.sample] : []))
      const files = [
        json(schema, 'schema.json'),
        json(suite.digest, 'suite.json'),
        ...agreement.results.map((digest, i) => json(digest, `run-${i}.json`)),
        ...samples.map((digest) => json(digest, 'sample.json')),
      ]
      return [...new Map(files.map((file) => [file.digest, file])).values()]
    }
    case 'reuse': {
      const evidence = (agreement.evidence ?? []).flatMap((item) => ('digest' in item ? [item.digest] : []))
      const { digest } = agreement.scope.target
      const digests = new Set(digest === undefined ? evidence : [digest, ...evidence])
      return [...digests].map((file) => ({
        digest: file,
        mediaType: 'application/octet-stream',
        name: 'evidence',
      }))
    }
  }
}
