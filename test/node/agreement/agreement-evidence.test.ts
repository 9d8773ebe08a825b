import { expect, test } from 'vitest'
import { planEvidence } from '../../../node/agreement/agreement-evidence.ts'
import { agreementDigest } from '../../../protocol/record/agreement-rule.ts'
import { agreement, east, logs, west } from '../../protocol/standing/recognition-sample.ts'

const member = (id: string, ...origins: readonly string[]) => ({
  id,
  origins: origins.map((origin) => ({ origin })),
})

test('[AGREE-106] [AGREE-44] of whoever has a say the earlier logs are named, too, by their entries alone', () => {
  const bureau = [1, 2, 3].map((epoch) => `bureau.example/log/${epoch}`)
  const members = [
    member(west, logs.west),
    member(east, logs.east),
    member('did:web:bureau.example', ...bureau),
    member('did:web:other.example', 'other.example/log/1'),
  ]
  const logOf = members.flatMap((one) => one.origins.map(({ origin }) => [origin, { member: one }] as const))
  const trust: any = {
    members: new Map(members.map((one) => [one.id, one])),
    logs: new Map(logOf),
    registry: { members, authority: [], projects: [] },
  }
  const statements: any = [{ origin: bureau[1], index: 4, record: { id: 'x', type: [] } }]
  const extents = logOf.map(([origin]) => ({ origin, size: 9, from: 0, acts: 0 }))
  const known: any = { trust, statements }
  const plan = planEvidence(
    { known, extents, files: [], notes: new Map() },
    { agreement, digest: agreementDigest(agreement), logPath: (origin) => `/log/${origin}` },
  )
  expect(plan.logs.map(({ origin, from, records }) => [origin, from, records])).toEqual([
    [logs.west, 0, undefined],
    [bureau[0], 0, 9],
    [bureau[1], 0, 4],
    [bureau[2], 0, undefined],
    [logs.east, 0, undefined],
  ])
})
