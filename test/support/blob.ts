import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SyntheticMember } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { digestOf } from '../../protocol/hash.ts'
import type { TestNode } from './node.ts'
import { askAs, audiences } from './tier.ts'

export interface SampleFile {
  readonly bytes: Uint8Array
  readonly digest: string
}

export function sampleFile(size: number): SampleFile {
  const bytes = new Uint8Array(randomBytes(size))
  return { bytes, digest: digestOf(bytes) }
}

/** The n-th invented standard, for whom it is, with the files that it names. */
export function standardWith(n: number, tier: string, files: readonly { readonly digest: string }[]) {
  const standard = syntheticStandard(n)
  const media = files.map(({ digest }, i) => ({
    digest,
    mediaType: 'application/pdf',
    name: `附件${i + 1}（合成）`,
  }))
  const audience = audiences[tier]
  return {
    ...standard,
    tier,
    ...(audience === undefined ? {} : { audience }),
    credentialSubject: { ...standard.credentialSubject, media },
  }
}

export const octets = { 'content-type': 'application/octet-stream' }

export function attach(node: TestNode, { bytes }: SampleFile, query = ''): Promise<Response> {
  return node.post(`/api/v1/blobs${query}`, bytes, octets)
}

/** Attaches a file, and answers with it. */
export async function attachSample(node: TestNode, size: number): Promise<SampleFile> {
  const file = sampleFile(size)
  const answer = await attach(node, file)
  if (answer.status !== 201) throw new Error(`not attached: ${answer.status} ${await answer.text()}`)
  return file
}

export type Reader = SyntheticMember | 'operator' | 'stranger'

export function getFile(node: TestNode, digest: string, who: Reader = 'stranger'): Promise<Response> {
  return askAs(node, `/blobs/${digest}`, who)
}

/** Waits until the operator of a node gets a file from it. */
export async function waitForFile(node: TestNode, digest: string, patience = 30_000): Promise<void> {
  await eventually(async () => (await getFile(node, digest, 'operator')).status === 200, patience)
}

export async function eventually(check: () => Promise<boolean> | boolean, patience = 30_000): Promise<void> {
  const until = performance.now() + patience
  while (!(await check())) {
    if (performance.now() > until) throw new Error('it never came')
    await sleep(50)
  }
}
