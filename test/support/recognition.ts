import { setTimeout as sleep } from 'node:timers/promises'
import { syntheticBasis } from '../../fixtures/synthetic/agreement.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { propose, standing } from './mapping.ts'
import type { TestNode } from './node.ts'
import { pairId } from './tier.ts'

/** A legal date some days from now. */
export const day = (offset: number) =>
  new Date(Date.now() + 8 * 3600_000 + offset * 86_400_000).toISOString().slice(0, 10)

export interface Published {
  readonly id: string
  readonly digest: string
}

export async function publish(node: TestNode, draft: unknown): Promise<Published> {
  const response = await node.post('/api/v1/records?wait=visible', draft as never)
  const { id, digest, ...rest } = (await response.json()) as any
  if (response.status !== 201) throw new Error(JSON.stringify(rest))
  return { id, digest }
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await done()); tries += 1) {
    if (tries > 200) throw new Error('it did not come to that')
    await sleep(100)
  }
}

/** Two editions, one at each of a pair, a basis document, and two rows that one drafted and the other accepted. */
export async function agreeOnRows(north: TestNode, south: TestNode) {
  const facts = { publishedOn: '2024-03-01', effectiveOn: '2024-06-01' }
  const first = await publish(north, syntheticStandard(1, facts))
  const { clauses } = (syntheticStandard(1) as any).credentialSubject
  const second = await publish(south, syntheticStandard(2, { ...facts, clauses }))
  const basis = await publish(north, syntheticBasis())
  const uids = ['c4-1', 'c4-2']
  const row = (uid: string): any => ({
    subject: { edition: first.id, digest: first.digest, clause: uid },
    object: { edition: second.id, digest: second.digest, clause: uid },
    predicate: 'exact-match',
    relation: 'equal',
    justification: 'manual-curation',
    state: 'in-review',
    author: north.member.did,
  })
  await propose(
    north,
    uids.map((uid, i) => ({ row: `r${i + 1}`, mapping: row(uid) })),
  )
  await until(async () => (await standing(south, 'r2')).length > 0)
  const review = { state: 'accepted', reviewer: south.member.did, reviewedOn: day(0) }
  const accepted = await Promise.all(
    uids.map(async (uid, i) => ({
      row: `r${i + 1}`,
      mapping: { ...row(uid), ...review },
      expect: await standing(south, `r${i + 1}`),
    })),
  )
  await propose(south, accepted)
  await until(async () => (await standing(north, 'r1'))[0] === (await standing(south, 'r1'))[0])
  const terms = {
    project: pairId,
    basis: { number: '合成发〔2026〕1号', digest: basis.digest },
    acceptBy: day(10),
    effectiveFrom: day(0),
    validUntil: day(300),
    onRevision: 'grace',
    graceDays: 20,
    noticeDays: 30,
  }
  return { first, second, basis, terms }
}
