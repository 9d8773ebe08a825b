import { decodeUtf8 } from '../protocol/bytes.ts'
import type { JsonObject } from '../protocol/json-value.ts'
import { listOf, objectOf, wordsOf } from './answer.ts'
import { createClient, parseAnswer, textOf } from './client.ts'
import { type CompareFlags, comparisonBytes, comparisonTimeout, formatEdition } from './compare.ts'
import { readCredential } from './credential.ts'
import { type Exit, exits } from './exit.ts'
import { parseUrl } from './option.ts'
import { escapeJson, formatTable } from './print.ts'
import type { World } from './world.ts'

export interface SuggestFlags extends CompareFlags {
  readonly most?: string
}

/**
 * `csx suggest A B`: counterparts that the node’s program proposes. Nothing is written anywhere.
 *
 * @see protocol/spec/mapping.md, MAP-84
 */
export async function runSuggest(
  a: string,
  b: string,
  { flags, world }: { readonly flags: SuggestFlags; readonly world: World },
): Promise<Exit> {
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  const { most, at } = flags
  const query = new URLSearchParams({
    a,
    b,
    ...(most === undefined ? {} : { most }),
    ...(at === undefined ? {} : { at }),
  })
  const bytes = await client.call(`/api/v1/suggest?${query}`, {
    maxBytes: comparisonBytes,
    timeout: comparisonTimeout,
  })
  const answer = parseAnswer(bytes)
  if (flags.json) world.out(`${escapeJson(decodeUtf8(bytes).trimEnd())}\n`)
  else world.out(formatSuggestions(answer))
  return exits.verified
}

function formatSuggestions(answer: JsonObject): string {
  const suggestions = listOf(answer, 'suggestions')
  if (suggestions.length === 0) return '没有可建议的对应 / nothing is alike enough to be proposed\n'
  const formatSide =
    textOf(answer, 'kind') === 'agencies'
      ? formatEdition
      : (head: JsonObject) => `${textOf(head, 'locator')} ${textOf(head, 'heading')}`
  const rows = suggestions.map((each) => [
    formatSide(objectOf(each, 'a')),
    textOf(each, 'score'),
    formatSide(objectOf(each, 'b')),
    wordsOf(objectOf(each, 'reason')),
  ])
  return [
    formatTable([['甲 A', '分值 score', '乙 B', '理由 reason'], ...rows]),
    '以上仅为建议，须由双方人员判断 / these are proposals: people of both parties decide\n',
  ].join('')
}
