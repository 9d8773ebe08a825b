import type { Member } from './registry.ts'
import { type Change, numbered } from './value-difference.ts'

interface Range {
  readonly key: string
  readonly purpose: string
  readonly origin?: string
  readonly from: number | string
  readonly to?: number | string | undefined
}

function rangesOf(member: Member): readonly Range[] {
  return [
    ...member.origins.flatMap(({ origin, vkey }) =>
      vkey.map(({ key, from, to }) => ({ key, purpose: 'log', origin, from, to })),
    ),
    ...member.keys.flatMap(({ multikey, purpose, valid }) =>
      valid.map(({ origin, from, to }) => ({ key: multikey, purpose, origin, from, to })),
    ),
    ...member.cosigners.map(({ name, key, from, to }) => ({
      key,
      purpose: name,
      from,
      to,
    })),
  ]
}

/** Each range of each key that comes, goes or ends elsewhere. */
export function keyChanges(was: Member, member: Member): readonly Change[] {
  const [old, now] = [byIdentity(rangesOf(was)), byIdentity(rangesOf(member))]
  const changes: Change[] = []
  for (const [id, range] of now) {
    const earlier = old.get(id)
    const until = range.to === undefined ? ['', ''] : [`，止于 ${range.to}`, ` to ${range.to}`]
    const past = { was, member, old: [...old.values()] }
    if (!earlier) {
      const known = past.old.some(({ key }) => key === range.key)
      changes.push({
        zh: `${known ? '已登记的密钥增加有效期' : '新密钥'}（${range.purpose}）${range.key}${within(range)[0]}，自 ${range.from} 起${until[0]}`,
        en: `${known ? 'another range of a known key' : 'new key'} (${range.purpose}) ${range.key}${within(range)[1]} from ${range.from} on${until[1]}`,
        ...marked(livesAgain(range, past) || reachesBack(range, past.old)),
      })
    } else if (earlier.to !== range.to)
      changes.push({
        zh: `密钥（${range.purpose}）${range.key}${within(range)[0]} 止于 ${range.to ?? '（不再终止）'}${isEmpty(range) ? `，即自始无效：由它签名的全部作废` : ''}`,
        en: `key (${range.purpose}) ${range.key}${within(range)[1]} ends at ${range.to ?? '(no longer ends)'}${isEmpty(range) ? ', so that nothing it ever signed counts' : ''}`,
        ...marked(earlier.to !== undefined || isEmpty(range)),
      })
  }
  for (const [id, range] of old)
    if (!now.has(id))
      changes.push({
        zh: `删除密钥（${range.purpose}）${range.key}${within(range)[0]} 自 ${range.from} 起的有效期`,
        en: `the validity of key (${range.purpose}) ${range.key}${within(range)[1]} from ${range.from} on is removed`,
        history: true,
      })
  return changes
}

function marked(history: boolean): { readonly history?: true } {
  return history ? { history: true } : {}
}

interface Past {
  readonly was: Member
  readonly member: Member
  readonly old: readonly Range[]
}

/** A key that is known may go on into a new log from one in which it was valid to the end, and nowhere else: where it ended, it ended. */
function livesAgain(range: Range, { was, member, old }: Past): boolean {
  const ranges = old.filter(({ key }) => key === range.key)
  if (ranges.length === 0) return false
  if (was.origins.some(({ origin }) => origin === range.origin)) return true
  return !ranges.some(({ origin, from, to }) => {
    const log = member.origins.find((entry) => entry.origin === origin)
    return isValidAtEnd({ from, to }, log?.closed?.size)
  })
}

/** Whether a range holds where its log ends, which may be at no entry at all: the last of `size` entries has the number before. */
export function isValidAtEnd({ from, to }: Pick<Range, 'from' | 'to'>, size: number | undefined): boolean {
  if (size === undefined) return to === undefined
  return (Number(from) < size || Number(from) === 0) && (to === undefined || size <= Number(to))
}

/** A key that begins no later than another of its purpose counts for what was there before anybody knew it. */
function reachesBack(range: Range, old: readonly Range[]): boolean {
  const others = old.filter(({ purpose, origin }) => purpose === range.purpose && origin === range.origin)
  return others.some(({ from }) => range.from <= from)
}

function isEmpty({ from, to }: Range): boolean {
  return to !== undefined && to <= from
}

/** Each range by what it is: an ended one must not hide another that does not end. */
function byIdentity(ranges: readonly Range[]): ReadonlyMap<string, Range> {
  return numbered(ranges, ({ purpose, key, origin, from }) => `${purpose} ${key} ${origin ?? ''} ${from}`)
}

function within({ purpose, origin }: Range): readonly [zh: string, en: string] {
  return origin === undefined || purpose === 'log' ? ['', ''] : [`，在 ${origin}`, ` in ${origin}`]
}
