import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../../protocol/hash.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import type { Desk } from './desk.ts'
import type { Setting } from './setting.ts'

/** As the registry of the demo has it. */
export const project = 'bishan-meishan'

/** What the demo invents for a recognition; it is marked in the records themselves. `said` is taken as it stands. */
export interface Story {
  readonly basis: { readonly documentNo: string }
  readonly editions: readonly StoryEdition[]
  readonly rows: readonly StoryRow[]
  /** What each changes of one row, unseen by the other. */
  readonly edits: { readonly row: string; readonly bishan: JsonObject; readonly meishan: JsonObject }
  readonly end: {
    readonly edition: string
    readonly successor: string
    readonly inDays: number
    readonly graceDays: number
  }
}

export interface StoryEdition {
  readonly key: string
  readonly by: 'bishan' | 'meishan'
  readonly number: string
  readonly note: string
  readonly said: JsonObject
}

/** `subject`, `object`: `<key of an edition>#<uid of a clause>`; an absence names the edition that was looked through. */
export interface StoryRow {
  readonly row: string
  readonly subject: string
  readonly object?: string
  readonly objectSource?: string
  readonly said: JsonObject
}

export interface Known {
  readonly id: string
  readonly digest: Digest
}

/** What the scenes of a recognition go on with. */
export interface Recognising {
  readonly setting: Setting
  readonly story: Story
  readonly bishan: Desk
  readonly meishan: Desk
  readonly editions: ReadonlyMap<string, Known>
  readonly basis: Known
}

export async function readStory(root: string): Promise<Story> {
  const story: Story = JSON.parse(await readFile(join(root, 'fixtures/region/demo-recognition.json'), 'utf8'))
  return story
}

export function knownEdition({ editions }: Recognising, key: string): Known {
  const known = editions.get(key)
  if (!known) throw new Error(`the story has no edition ${key}`)
  return known
}
