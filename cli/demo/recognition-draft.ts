import { canonicalKey, parseStandardNumber } from '../../protocol/identifier/standard-number.ts'
import type { StoryEdition } from './recognition-story.ts'

/** The record that an edition of the story is published as. */
export function draftOf({ number, note, said }: StoryEdition): object {
  const identifier = {
    scheme: 'DB-P',
    value: number,
    canonicalKey: canonicalKey(parseStandardNumber(number)),
  }
  return {
    type: 'StandardRecord',
    tier: 'public',
    synthetic: true,
    sourceNote: { text: note, confidence: 'high' },
    credentialSubject: {
      identifiers: [identifier],
      level: 'provincial',
      mandate: 'recommended',
      documentKind: 'specification',
      ...said,
    },
  }
}
