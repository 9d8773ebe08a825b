import { decodeUtf8 } from '../protocol/bytes.ts'
import type { JsonObject } from '../protocol/json-value.ts'
import { formatMappingSet } from '../protocol/mapping/mapping-set.ts'
import { iriOfPin } from '../protocol/mapping/row-to-set.ts'
import { mappingRow, type NamedRow } from '../protocol/record/mapping-row.ts'
import { parseWith } from '../protocol/record/schema.ts'
import { listOf, objectOf, wordsOf } from './answer.ts'
import { createClient, parseAnswer, textOf } from './client.ts'
import { type CompareFlags, comparisonBytes, comparisonTimeout, formatEdition } from './compare.ts'
import { readCredential } from './credential.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { writeAtomically } from './file.ts'
import { parseDay, parseUrl } from './option.ts'
import { escapeJson, escapeText, formatDone, formatTable } from './print.ts'
import type { World } from './world.ts'

export interface SuggestFlags extends CompareFlags {
  readonly most?: string
  /** The rows as a table that `csx mapping import` takes. */
  readonly output?: string
}

/**
 * `csx suggest A B`: counterparts that the node’s program proposes. No log and no workspace is written; with `--output` a file of
 * candidates, for people to judge and bring into a workspace.
 *
 * @see protocol/spec/mapping.md, MAP-84
 */
export async function runSuggest(
  a: string,
  b: string,
  { flags, world }: { readonly flags: SuggestFlags; readonly world: World },
): Promise<Exit> {
  const { most } = flags
  if (most !== undefined && !/^(?:[1-9]|1\d|20)$/.test(most))
    throw usageError(`--most 为 1 至 20 的整数 / --most is a whole number from 1 to 20: ${most}`)
  const at = flags.at === undefined ? undefined : parseDay(flags.at, '--at')
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
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
  if (flags.output !== undefined) {
    const setId = `${parseUrl(flags.node)}/api/v1/suggest?${query}`
    await writeRows(answer, { setId, file: flags.output }, world)
  }
  return exits.verified
}

async function writeRows(
  answer: JsonObject,
  { setId, file }: { readonly setId: string; readonly file: string },
  world: World,
): Promise<void> {
  const suggestions = listOf(answer, 'suggestions')
  const labels = new Map<string, string>()
  const rows = suggestions.map((each): NamedRow => {
    const row = objectOf(each, 'row')
    const mapping = parseWith(mappingRow, objectOf(row, 'mapping'))
    const { subject, object } = mapping
    for (const [pin, side] of [
      [subject, 'a'],
      [object, 'b'],
    ] as const)
      if (pin) labels.set(iriOfPin(pin), headOf(objectOf(each, side)))
    return { row: textOf(row, 'row'), mapping }
  })
  const labelOf = (pin: Parameters<typeof iriOfPin>[0]) => labels.get(iriOfPin(pin))
  await writeAtomically(file, formatMappingSet(rows, { setId, labelOf }))
  const done = formatDone(
    `候选${rows.length}行写入 ${file}；判断后用 csx mapping import 导入`,
    `${rows.length} candidate row(s) in ${file}; judge them, then csx mapping import`,
  )
  // Standard output may be one JSON object.
  world.err(`${escapeText(done)}\n`)
}

/** `5 保洁服务`, or the title of an edition. */
function headOf(side: JsonObject): string {
  return typeof side.heading === 'string'
    ? `${textOf(side, 'locator')} ${side.heading}`
    : textOf(side, 'titleZh')
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
