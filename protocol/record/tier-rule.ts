import { ProtocolError } from '../error.ts'
import { isPlainName } from '../log/commitment.ts'
import type { Tier } from '../log/entry.ts'
import type { RecordType } from './vocabulary.ts'

/** Who a record says it is for. */
export interface Readership {
  readonly tier: Tier
  readonly audience?: string | undefined
}

/** Types that have a meaning in some tiers alone: a receipt is between the two of a pair, a disclosure is for everybody. */
const tiersOf: Partial<Readonly<Record<RecordType, readonly Tier[]>>> = {
  MappingProposal: ['pair'],
  RecognitionAttestation: ['public', 'federation', 'pair'],
  InterconnectionAttestation: ['public', 'federation', 'pair'],
  ReuseAttestation: ['public', 'federation', 'pair'],
  IndicatorSet: ['public'],
  Receipt: ['pair'],
  Disclosure: ['public'],
  ErasureRequest: ['federation', 'group', 'pair', 'private'],
}

/**
 * What the tier of a record asks of it by itself: an audience for a group and a pair, spelled as an entry can carry it, and for no
 * other; and a tier that its type can have.
 *
 * @throws {ProtocolError} `SCHEMA_INVALID` `RULE_VIOLATED`
 * @see spec/record.md, REC-12 and REC-400
 */
export function checkTierRules({ tier, audience }: Readership, type: RecordType): void {
  const named = tier === 'pair' || tier === 'group'
  if (named !== (audience !== undefined) || (audience !== undefined && !isPlainName(audience, 128))) {
    throw new ProtocolError(
      'SCHEMA_INVALID',
      'tiers pair and group, and no others, name an audience of 1 to 128 ASCII characters without blanks',
      { place: { pointer: '/audience' } },
    )
  }
  if (tiersOf[type]?.includes(tier) === false)
    throw new ProtocolError('RULE_VIOLATED', `a ${type} is not of tier ${tier}`, {
      place: { pointer: '/tier' },
    })
}
