import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import type { DemoPlace } from './network.ts'

export interface Receipt {
  readonly id: string
  readonly digest: string
  readonly index: number
}

/** Asks a demo node; a refusal becomes an error with its words. */
export async function ask(place: DemoPlace, path: string, init: RequestInit = {}): Promise<JsonObject> {
  const response = await fetch(`${place.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${place.token}`, ...init.headers },
  })
  const body: JsonValue = JSON.parse(await response.text())
  if (!isJsonObject(body)) throw new Error(`${path}: an object was expected`)
  if (!response.ok) throw new Error(`${String(body.code)} ${String(body.title)}: ${String(body.detail)}`)
  return body
}

export async function publish(place: DemoPlace, draft: object): Promise<Receipt> {
  const body = await ask(place, '/api/v1/records', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(draft),
  })
  return { id: String(body.id), digest: String(body.digest), index: Number(body.index) }
}

/** How many standards a node shows. */
export async function countStandards(place: DemoPlace): Promise<number> {
  return Number((await ask(place, '/api/v1/standards?limit=1')).total)
}

export async function hasRecord(place: DemoPlace, digest: string): Promise<boolean> {
  return (await fetch(`${place.url}/api/v1/standards/${digest}`)).ok
}
