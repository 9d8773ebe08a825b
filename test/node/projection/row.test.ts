import { describe, expect, test } from 'vitest'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { projectRecord } from '../../../node/projection/row.ts'
import { parseEntry } from '../../../protocol/log/entry.ts'
import { verifyLoggedRecord } from '../../../protocol/verify.ts'

const member = syntheticMember('璧山（合成）', 'http://localhost:7401')
const trust = syntheticTrust([member])

async function verified(drafts: readonly Parameters<SyntheticLog['publish']>[0][]) {
  const log = new SyntheticLog(member)
  for (const draft of drafts) await log.publish(draft)
  return log.logged.map(({ entry, bytes }) => verifyLoggedRecord(parseEntry(entry), bytes, trust))
}

describe('a row', () => {
  test('[NODE-20] the same record gives the same row, whenever and however often', async () => {
    const [first] = await verified([syntheticStandard(1)])
    const [again] = await verified([syntheticStandard(1)])
    expect(projectRecord(again!)).toEqual(projectRecord(first!))
    expect(projectRecord(first!)).toEqual(projectRecord(first!))
  })

  test('[NODE-20] no state is in it: dates and events are, and the state is told from them', async () => {
    const [standard] = await verified([syntheticStandard(1)])
    const row = projectRecord(standard!)
    expect(Object.keys(row ?? {}).toSorted()).toEqual([
      'abolishedOn',
      'attachments',
      'audience',
      'class',
      'digest',
      'effectiveOn',
      'issuer',
      'keys',
      'kind',
      'level',
      'publishedOn',
      'recordId',
      'revisionDigest',
      'revisionOf',
      'search',
      'synthetic',
      'tier',
      'titleZh',
      'workKeys',
    ])
  })

  test('[NODE-20] an event keeps what it says of its edition', async () => {
    const edition = {
      id: `https://localhost:7401/id/00000000-0000-4000-8000-000000000000`,
      digest: `sha256:${'0'.repeat(64)}`,
    }
    const [event] = await verified([syntheticEvent(edition, 'abolished', '2026-01-01')])
    const row = projectRecord(event!)
    expect(row).toMatchObject({
      kind: 'event',
      editionId: edition.id,
      editionDigest: edition.digest,
      eventKind: 'abolished',
      onDate: '2026-01-01',
    })
    expect(row?.kind === 'event' && JSON.parse(row.body)).toEqual(event?.record.credentialSubject)
  })

  test('[NODE-20] what is searched is whole text, however long the record is', async () => {
    const clauses = Array.from({ length: 100 }, (_, i) => ({
      uid: `c${i}`,
      locator: String(i + 1),
      heading: `${'x'.repeat(i % 3)}${'😀'.repeat(100)}`,
      clauseType: 'requirement' as const,
    }))
    const [long] = await verified([syntheticStandard(1, { clauses })])
    const row = projectRecord(long!)
    const search = row?.kind === 'standard' ? row.search : ''
    expect([search.length, search.isWellFormed()]).toEqual([8000, true])
    expect(search).toContain(' db 50 990001 2020 ')
  })
})
