import type { JsonObject } from '../json-value.ts'
import { vocabulary } from './name.ts'

const dct = 'http://purl.org/dc/terms/'
const prov = 'http://www.w3.org/ns/prov#'
const date = { '@type': 'http://www.w3.org/2001/XMLSchema#date' }
const integer = { '@type': 'http://www.w3.org/2001/XMLSchema#integer' }
const boolean = { '@type': 'http://www.w3.org/2001/XMLSchema#boolean' }
const word = { '@type': '@vocab' }
const set = { '@container': '@set' }
const list = { '@container': '@list' }

function ours(names: readonly string[], definition: JsonObject = {}): [string, JsonObject][] {
  return names.map((name) => [name, { '@id': `${vocabulary}${name}`, ...definition }])
}

/**
 * Our JSON-LD context, flat and protected: one definition for each term, none scoped to a type (type-scoped ones make
 * conversion to RDF more than five times slower), none that VC 2.0 already defines. Slugs become IRIs by `@vocab`.
 *
 * It is under the signature of every record by its IRI, and pinned by the digest of its canonical form.
 */
export const exchangeContextDocument: JsonObject = {
  '@context': {
    '@version': 1.1,
    '@protected': true,
    '@vocab': vocabulary,
    StandardRecord: `${vocabulary}StandardRecord`,
    LifecycleEvent: `${vocabulary}LifecycleEvent`,
    ...Object.fromEntries([
      // envelope
      ...ours(['tier', 'audience'], word),
      ...ours(['synthetic'], boolean),
      ['revisionOf', { '@id': `${prov}wasRevisionOf` }],
      ['about', { '@id': `${dct}subject` }],
      ['sourceNote', { '@id': `${dct}provenance` }],
      ['confidence', { '@id': `${vocabulary}confidence`, ...word }],
      ['url', { '@id': 'http://schema.org/url' }],
      ['text', { '@id': 'http://schema.org/text' }],
      ['digest', { '@id': `${vocabulary}digest` }],
      // standard
      ['identifiers', { '@id': `${vocabulary}identifier`, ...list }],
      ...ours([
        'scheme',
        'value',
        'canonicalKey',
        'systemNo',
        'filingNo',
        'locator',
        'uid',
        'quantity',
        'limit',
        'unit',
        'per',
      ]),
      ['titleZh', { '@id': `${dct}title`, '@language': 'zh-Hans' }],
      ['titleEn', { '@id': `${dct}title`, '@language': 'en' }],
      ['nameZh', { '@id': 'http://xmlns.com/foaf/0.1/name', '@language': 'zh-Hans' }],
      ...ours(
        [
          'level',
          'mandate',
          'mandateGround',
          'documentKind',
          'textAccess',
          'clauseType',
          'degree',
          'extent',
          'op',
          'algorithm',
        ],
        word,
      ),
      ['class', { '@id': `${dct}subject`, ...word }],
      ['matters', { '@id': `${vocabulary}matter`, ...word, ...set }],
      ['ics', { '@id': `${vocabulary}ics`, ...set }],
      ['ccs', { '@id': `${vocabulary}ccs`, ...set }],
      ['publishedOn', { '@id': `${dct}issued`, ...date }],
      ['effectiveOn', { '@id': `${dct}valid`, ...date }],
      ['abolishedOn', { '@id': `${vocabulary}abolishedOn`, ...date }],
      ['publishers', { '@id': `${dct}publisher`, ...list }],
      ['proposers', { '@id': `${vocabulary}proposer`, ...list }],
      ['custodians', { '@id': `${vocabulary}custodian`, ...list }],
      ['drafters', { '@id': `${dct}contributor`, ...list }],
      ['draftedUnder', { '@id': `${dct}conformsTo` }],
      ['adoption', { '@id': `${vocabulary}adoption` }],
      ['adopted', { '@id': `${vocabulary}adopted` }],
      ['replaces', { '@id': `${dct}replaces`, ...list }],
      ['normativeRefs', { '@id': `${dct}references`, ...list }],
      ...ours(['dated', 'important'], boolean),
      ['clauses', { '@id': `${dct}hasPart`, ...list }],
      ['heading', { '@id': `${vocabulary}heading` }],
      ['textDigest', { '@id': `${vocabulary}textDigest` }],
      ['textDigests', { '@id': `${vocabulary}textDigest`, ...set }],
      ['limits', { '@id': `${vocabulary}limit`, ...list }],
      ['media', { '@id': `${dct}hasFormat`, ...list }],
      ['inNormativeDocs', { '@id': `${dct}isPartOf`, ...list }],
      ['documentNo', { '@id': `${vocabulary}documentNo` }],
      ['date', { '@id': `${dct}date`, ...date }],
      // event
      ['eventKind', { '@id': `${vocabulary}eventKind`, ...word }],
      ['edition', { '@id': `${prov}used` }],
      ['announcementNo', { '@id': `${vocabulary}announcementNo` }],
      ['by', { '@id': `${prov}wasAssociatedWith` }],
      ['affectedClauses', { '@id': `${vocabulary}affectedClause`, ...set }],
      ['successor', { '@id': `${dct}isReplacedBy` }],
      ['note', { '@id': 'http://www.w3.org/2004/02/skos/core#note' }],
      ['usc', { '@id': `${vocabulary}usc` }],
      ['divisionCode', { '@id': `${vocabulary}divisionCode` }],
      ['party', { '@id': `${dct}identifier`, '@type': '@id' }],
      ['ordinal', { '@id': `${vocabulary}ordinal`, ...integer }],
    ]),
  },
}
