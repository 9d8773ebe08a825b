import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { type VerifyOptions, verifyBundle } from '../../../protocol/verify-bundle.ts'

export const member = syntheticMember('合成甲', 'http://localhost:7401')
export const stranger = syntheticMember('合成乙', 'http://localhost:7402')
export const trust = syntheticTrust([member])
export const now = Date.UTC(2026, 5, 1, 4)
export const options: VerifyOptions = { trust, now }

export async function sampleLog(count: number, of = member): Promise<SyntheticLog> {
  const log = new SyntheticLog(of)
  for (let n = 0; n < count; n += 1) await log.publish(syntheticStandard(n))
  return log
}

export async function publishEvent(log: SyntheticLog, index: number, kind: string, date: string) {
  const { id, digest } = log.logged[index]!
  return log.publish(syntheticEvent({ id, digest }, kind, date))
}

/** A bundle as plain JSON, to be altered. */
export async function openSample(log: SyntheticLog, index: number): Promise<any> {
  return JSON.parse(await log.bundle(index))
}

/** What an attacker writes who knows the format: everything fits again but what he cannot sign. */
export function redigest(value: any): Uint8Array {
  const { digest: _digest, ...body } = value
  return encodeUtf8(`${canonicalize({ ...body, digest: digestOf(canonicalize(body)) })}\n`)
}

/** `verified`, or the codes of the checks that did not pass. */
export function judge(bytes: Uint8Array, change: Partial<VerifyOptions> = {}): string {
  const { verdict, findings } = verifyBundle(bytes, { ...options, ...change })
  const codes = findings
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ code, outcome }) => code ?? outcome)
  return [verdict, ...new Set(codes)].join(' ')
}
