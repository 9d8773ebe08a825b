import { ProtocolError } from '../../protocol/error.ts'
import { isJsonObject, type JsonObject } from '../../protocol/json-value.ts'
import type { Pin } from '../../protocol/record/mapping-row.ts'
import { type Client, parseAnswer } from '../client.ts'
import { objectsIn, type ShownRow } from './workspace.ts'

/** What a pin is called: `4.2 维修`, or the title of an edition. */
export type NameOfPin = (pin: Pin) => string | undefined

/** Of rows between more editions than that, those of the others keep their names. */
const mostEditions = 40

/**
 * Names of what rows are about, from the records that the node has and shows to whoever asks. Without them rows are shown all the same.
 *
 * @see protocol/spec/workspace.md, WORK-40
 */
export function fetchHeadings(client: Client, rows: readonly ShownRow[]): Promise<NameOfPin> {
  const shown = rows.flatMap(({ mapping, heads }) => [mapping, ...heads.map((head) => head.mapping)])
  const pins = shown.flatMap((each) => [each?.subject, each?.object, each?.objectSource])
  return fetchNames(
    client,
    pins.filter((pin) => pin !== undefined),
  )
}

/** As `fetchHeadings`, of pins by themselves. */
export async function fetchNames(client: Client, pins: readonly Pin[]): Promise<NameOfPin> {
  const digests = new Set(pins.map(({ digest }) => digest))
  const names = new Map<string, string>()
  for (const digest of [...digests].slice(0, mostEditions)) {
    const record = await fetchRecord(client, digest)
    // A node that does not answer is not asked for the others.
    if (!record) break
    const { id, credentialSubject } = record
    if (typeof id !== 'string' || !isJsonObject(credentialSubject)) continue
    const { titleZh, clauses } = credentialSubject
    if (typeof titleZh === 'string') names.set(`${id} ${digest}`, titleZh)
    for (const { uid, locator, heading } of objectsIn(clauses))
      if (typeof uid === 'string') names.set(`${id}#${uid} ${digest}`, `${locator} ${heading}`)
  }
  return ({ edition, clause, digest }) =>
    names.get(clause === undefined ? `${edition} ${digest}` : `${edition}#${clause} ${digest}`)
}

/** What is not there, or not shown to whoever asks, has no members. */
async function fetchRecord(client: Client, digest: string): Promise<JsonObject | undefined> {
  try {
    const bytes = await client.find(`/api/v1/standards/${digest}`, { maxBytes: 16 << 20 })
    const { record } = bytes === undefined ? {} : parseAnswer(bytes)
    return isJsonObject(record) ? record : {}
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
