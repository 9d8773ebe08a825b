import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { ask, publish } from './client.ts'
import type { DemoPlace } from './network.ts'

/**
 * Adds to standards that are published the headings that were seen in print, and no others: each by a record that revises the one
 * before. Parts of which only the topic is known have no printed heading, and get none.
 */
export async function addHeadings(
  root: string,
  place: DemoPlace,
  note: (text: string) => void,
): Promise<void> {
  const file: JsonValue = JSON.parse(await readFile(join(root, 'fixtures/region/headings.json'), 'utf8'))
  for (const document of membersOf(file, 'documents')) {
    const clauses = membersOf(document, 'headings').flatMap(({ locator, heading }) =>
      heading === undefined
        ? []
        : [{ uid: `c${String(locator)}`, locator: String(locator), heading: String(heading) }],
    )
    const number = String(document.number)
    const { items } = await ask(place, `/api/v1/standards?number=${encodeURIComponent(number)}`)
    const [found] = membersOf({ items: items ?? [] }, 'items').filter(({ own }) => own === true)
    if (clauses.length === 0 || !found) continue
    const receipt = await publish(place, await revisionWith(place, found, clauses))
    const headings = clauses.map(({ locator, heading }) => `${locator} ${heading}`).join('，')
    note(`${number}：${headings}（${String(document.source)}）`)
    note(
      `  第 ${receipt.index} 条修订第 ${String(found.index)} 条 / entry ${receipt.index} revises entry ${String(found.index)}`,
    )
  }
}

async function revisionWith(
  place: DemoPlace,
  { id, digest }: JsonObject,
  clauses: readonly JsonObject[],
): Promise<object> {
  const { record } = await ask(place, `/api/v1/standards/${String(digest)}`)
  if (!isJsonObject(record) || !isJsonObject(record.credentialSubject))
    throw new Error('a standard without its record')
  const { credentialSubject: subject, sourceNote } = record
  return {
    type: 'StandardRecord',
    tier: 'public',
    revisionOf: { id, digest },
    // Where the headings were seen is what the record says of itself already, so that the table stays as it was read.
    ...(sourceNote === undefined ? {} : { sourceNote }),
    credentialSubject: { ...subject, clauses },
  }
}

function membersOf(value: JsonValue, name: string): readonly JsonObject[] {
  const list = isJsonObject(value) ? value[name] : undefined
  return Array.isArray(list) ? list.filter((entry: JsonValue) => isJsonObject(entry)) : []
}
