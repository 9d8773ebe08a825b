import { type Digest, isDigest } from '../../protocol/hash.ts'
import type { Desk } from './desk.ts'

export interface Published {
  readonly id: string
  readonly digest: Digest
  readonly index: number
  /** The log in which it stands. */
  readonly origin: string
}

/** `csx publish`, as an official would: of a file, and what it prints is read. */
export async function publishAt(desk: Desk, name: string, draft: object): Promise<Published> {
  const file = await desk.write(`${name}.json`, JSON.stringify(draft))
  const out = await desk.must('publish', file, '--wait', 'visible')
  const [id, digest] = ['id', 'digest'].map((label) => new RegExp(`${label}: (\\S+)`).exec(out)?.[1])
  const [, index, origin] = /entry (\d+) of (\S+)/.exec(out) ?? []
  if (id === undefined || digest === undefined || !isDigest(digest) || index === undefined)
    throw new Error(out)
  return { id, digest, index: Number(index), origin: origin ?? '' }
}
