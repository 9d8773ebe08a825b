import { type SyntheticMember, syntheticPolicy } from '../../fixtures/synthetic/member.ts'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { cosignaturesIn, findWitnesses } from '../../protocol/trust/cosigner.ts'
import { parseRegistry, type Registry } from '../../protocol/trust/registry.ts'
import { openTrust, type Trust } from '../../protocol/trust/trust.ts'
import { openWithTrust } from '../../protocol/verify-checkpoint.ts'

/** The first two members are the bureaus, whose witnesses the policy asks for; the next two are a pair. */
export function pairedRegistry(members: readonly SyntheticMember[]): Partial<Registry> {
  const [one, two, a, b] = members
  return {
    policy: syntheticPolicy([one!, two!]),
    projects: [{ id: 'pair', nameZh: '结对项目（合成）', parties: [a!.did, b!.did] }],
  }
}

export function trustOf(text: string): Trust {
  const { registry, fingerprint } = parseRegistry(encodeUtf8(text))
  return openTrust(registry, fingerprint)
}

/** The size of a note, who cosigned it, and whether that satisfies the policy. */
export function readNote(note: string, origin: string, trust: Trust) {
  const opened = openWithTrust(note, origin, trust)
  return {
    size: opened.checkpoint.size,
    by: cosignaturesIn(trust, opened)
      .map(({ cosigner }) => cosigner.key.name)
      .sort(),
    witnessed: findWitnesses(trust, opened) !== undefined,
  }
}
