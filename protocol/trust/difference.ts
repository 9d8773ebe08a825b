import { canonicalize } from '../canonical.ts'
import { pointerStep } from '../error.ts'
import type { JsonValue } from '../json-value.ts'
import type { Member, Registry } from './registry.ts'

/** One thing that changes from a version to the next, in words for who is to sign it. */
export interface Change {
  readonly zh: string
  readonly en: string
  /** It changes what was valid in the past: only a mistake, or a theft, looks like this. */
  readonly history?: true
}

/**
 * Everything that differs between two versions of the registry. What has no sentence of its own is told by its place and both values, so
 * that nothing changes unseen.
 *
 * @see spec/registry.md, REG-20 and REG-702
 */
export function describeRegistryChanges(before: Registry | undefined, after: Registry): readonly Change[] {
  if (!before)
    return [
      {
        zh: `第一版登记册，网络 ${after.network}，成员${after.members.length}个`,
        en: `the first registry, network ${after.network}, ${after.members.length} member(s)`,
      },
      ...after.members.flatMap(added),
      ...after.projects.map((project) => pairChange('新结对', 'new pair', project)),
      ...(after.groups ?? []).map((group) => groupChange('新协作组', 'new group', group)),
      ...policyChange(undefined, after),
      ...listChanges([], after.authority, '标准号归口', 'authority over numbers'),
    ]
  const changes = [
    ...memberChanges(before, after),
    ...namedChanges(before.projects, after.projects, { zh: '结对', en: 'pair', say: pairChange }),
    ...namedChanges(before.groups ?? [], after.groups ?? [], { zh: '协作组', en: 'group', say: groupChange }),
    ...policyChange(before, after),
    ...listChanges(before.authority, after.authority, '标准号归口', 'authority over numbers'),
    ...otherChanges(before, after),
  ]
  const [old, now] = [before, after].map((registry) => canonicalize(plain({ ...registry, version: 0 })))
  if (changes.length > 0 || old === now) return changes
  return [{ zh: '仅有顺序或重复的改动', en: 'the order of its parts, or what stands in it twice, changes' }]
}

/** A new member is told whole: its keys are what anybody who hands it over could exchange. */
function added(member: Member): readonly Change[] {
  const name = member.profile.at(-1)?.nameZh ?? ''
  const logs = member.origins.map(({ origin }) => origin).join('、')
  const nothing = { profile: [], origins: [], keys: [], cosigners: [], status: [], endpoints: { base: '' } }
  return [
    {
      zh: `新成员 ${name}（${member.id}），日志 ${logs}，密钥${member.keys.length + member.cosigners.length}个${member.synthetic ? '，合成' : ''}`,
      en: `new member ${member.id}, ${member.keys.length + member.cosigners.length} keys${member.synthetic ? ', synthetic' : ''}`,
    },
    ...changesOf({ id: member.id, ...nothing }, member),
  ]
}

function memberChanges(before: Registry, after: Registry): readonly Change[] {
  const old = new Map(before.members.map((member) => [member.id, member]))
  const now = new Set(after.members.map(({ id }) => id))
  return [
    ...before.members
      .filter(({ id }) => !now.has(id))
      .map(({ id }): Change => ({ zh: `删除成员 ${id}`, en: `member ${id} is removed`, history: true })),
    ...after.members.flatMap((member) => {
      const was = old.get(member.id)
      return was ? changesOf(was, member) : added(member)
    }),
  ]
}

/** Members of a registry grow at the end of their lists: keys, ranges, states; what stands there stays. */
function changesOf(was: Member, member: Member): readonly Change[] {
  const name = member.profile.at(-1)?.nameZh ?? member.id
  const of = (zh: string, en: string): Pick<Change, 'zh' | 'en'> => ({
    zh: `${name}：${zh}`,
    en: `${member.id}: ${en}`,
  })
  const changes: Change[] = []
  for (const step of member.status.slice(was.status.length))
    changes.push(
      of(
        `自 ${step.origin} 第${step.size}条起状态为 ${statusNames[step.status]}`,
        `${step.status} from entry ${step.size} of ${step.origin} on`,
      ),
    )
  for (const log of member.origins) {
    const earlier = was.origins.find(({ origin }) => origin === log.origin)
    if (!earlier) changes.push(of(`新日志 ${log.origin}`, `new log ${log.origin}`))
    if (log.closed && !earlier?.closed)
      changes.push(
        of(
          `关闭日志 ${log.origin}，规模${log.closed.size}，原因：${log.closed.reason}`,
          `log ${log.origin} is closed at size ${log.closed.size}, root ${log.closed.root}: ${log.closed.reason}`,
        ),
      )
    if (log.url !== earlier?.url)
      changes.push(
        of(`日志 ${log.origin} 的地址改为 ${log.url}`, `log ${log.origin} is served at ${log.url}`),
      )
  }
  for (const { id, on } of member.succeededBy?.slice(was.succeededBy?.length ?? 0) ?? [])
    changes.push(of(`自 ${on} 起由 ${id} 继任`, `succeeded by ${id} on ${on}`))
  changes.push(
    ...keyChanges(was, member).map(({ zh, en, history }) => ({
      ...of(zh, en),
      ...(history ? { history } : {}),
    })),
  )
  const rest = differencesOf(restOf(was), restOf(member), '')
  return [...changes, ...rest.map((line) => of(line, line))]
}

const statusNames = { active: '正常', suspended: '暂停', left: '退出' } as const

/** What `changesOf` has sentences for stands apart from the rest. */
function restOf({ status: _s, keys: _k, cosigners: _c, origins: _o, succeededBy: _b, ...rest }: Member) {
  return plain(rest)
}

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

function keyChanges(was: Member, member: Member): readonly Change[] {
  const [old, now] = [byIdentity(rangesOf(was)), byIdentity(rangesOf(member))]
  const changes: Change[] = []
  for (const [id, range] of now) {
    const earlier = old.get(id)
    const until = range.to === undefined ? ['', ''] : [`，止于 ${range.to}`, ` to ${range.to}`]
    if (!earlier)
      changes.push({
        zh: `新密钥（${range.purpose}）${range.key}${within(range)[0]}，自 ${range.from} 起${until[0]}`,
        en: `new key (${range.purpose}) ${range.key}${within(range)[1]} from ${range.from} on${until[1]}`,
      })
    else if (earlier.to !== range.to)
      changes.push({
        zh: `密钥（${range.purpose}）${range.key}${within(range)[0]} 止于 ${range.to ?? '（不再终止）'}`,
        en: `key (${range.purpose}) ${range.key}${within(range)[1]} ends at ${range.to ?? '(no longer ends)'}`,
        ...(earlier.to === undefined ? {} : { history: true as const }),
      })
  }
  for (const [id, range] of old)
    if (!now.has(id))
      changes.push({
        zh: `删除密钥（${range.purpose}）${range.key}${within(range)[0]} 自 ${range.from} 起的有效期`,
        en: `the validity of key (${range.purpose}) ${range.key}${within(range)[1]} from ${range.from} on is removed`,
        history: true,
      })
  for (const log of was.origins) {
    const later = member.origins.find(({ origin }) => origin === log.origin)
    const lines = log.closed ? differencesOf(plain(log.closed), plain(later?.closed), '/closed') : []
    if (!later || lines.length > 0)
      changes.push({
        zh: `日志 ${log.origin} 被删除或重新打开 ${lines.join('；')}`,
        en: `log ${log.origin} is removed or reopened`,
        history: true,
      })
  }
  for (const line of rewritten(was.succeededBy ?? [], member.succeededBy ?? []))
    changes.push({ zh: `改写过去的继任 ${line}`, en: 'a past succession is rewritten', history: true })
  for (const line of rewritten(was.status, member.status))
    changes.push({ zh: `改写过去的状态 ${line}`, en: 'a past status is rewritten', history: true })
  return changes
}

/** Each range by what it is, and a second one of the same by its number: an ended one must not hide another that does not end. */
function byIdentity(ranges: readonly Range[]): ReadonlyMap<string, Range> {
  const found = new Map<string, Range>()
  for (const range of ranges) {
    const id = `${range.purpose} ${range.key} ${range.origin ?? ''} ${range.from}`
    let n = 1
    while (found.has(`${id} ${n}`)) n += 1
    found.set(`${id} ${n}`, range)
  }
  return found
}

function within({ purpose, origin }: Range): readonly [zh: string, en: string] {
  return origin === undefined || purpose === 'log' ? ['', ''] : [`，在 ${origin}`, ` in ${origin}`]
}

/** What stands in a list that only ever grows and stood there otherwise before. */
function rewritten(was: readonly unknown[], now: readonly unknown[]): readonly string[] {
  return was.flatMap((entry, i) => differencesOf(plain(entry), plain(now[i]), `/${i}`))
}

type Project = Registry['projects'][number]

function pairChange(zh: string, en: string, { id, nameZh, parties, from, to }: Project): Change {
  const span = `${from ?? ''}–${to ?? ''}`
  return {
    zh: `${zh} ${nameZh}（${id}）：${parties.join(' 与 ')}，${span}`,
    en: `${en} ${id}: ${parties.join(' and ')}, ${span}`,
  }
}

type Group = NonNullable<Registry['groups']>[number]

function groupChange(zh: string, en: string, { id, nameZh, from, to }: Group): Change {
  const span = `${from ?? ''}–${to ?? ''}`
  return { zh: `${zh} ${nameZh}（${id}）：${span}`, en: `${en} ${id}: ${span}` }
}

function namedChanges<T extends { readonly id: string }>(
  before: readonly T[],
  after: readonly T[],
  { zh, en, say }: { readonly zh: string; readonly en: string; say(zh: string, en: string, of: T): Change },
): readonly Change[] {
  const old = new Map(before.map((entry) => [entry.id, entry]))
  const now = new Set(after.map(({ id }) => id))
  return [
    ...after.flatMap((entry) => {
      const was = old.get(entry.id)
      if (!was) return [say(`新${zh}`, `new ${en}`, entry)]
      return canonicalize(plain(was)) === canonicalize(plain(entry))
        ? []
        : [say(`${zh}改为`, `${en} becomes`, entry)]
    }),
    ...before
      .filter(({ id }) => !now.has(id))
      .map((entry) => ({ ...say(`删除${zh}`, `${en} removed`, entry), history: true as const })),
  ]
}

function policyChange(before: Registry | undefined, { policy }: Registry): readonly Change[] {
  if (before?.policy === policy) return []
  const text = policy.replaceAll('\n', ' ⏎ ')
  return [{ zh: `见证策略：${text}`, en: `witness policy: ${text}` }]
}

function listChanges(
  before: readonly unknown[],
  after: readonly unknown[],
  zh: string,
  en: string,
): readonly Change[] {
  const [old, now] = [before, after].map((list) => new Set(list.map((entry) => canonicalize(plain(entry)))))
  return [
    ...[...(now ?? [])]
      .filter((entry) => !old?.has(entry))
      .map((entry) => ({ zh: `新${zh} ${entry}`, en: `new ${en} ${entry}` })),
    ...[...(old ?? [])]
      .filter((entry) => !now?.has(entry))
      .map((entry) => ({ zh: `删除${zh} ${entry}`, en: `${en} removed ${entry}`, history: true as const })),
  ]
}

/** Members of the registry that no sentence above is about. */
function otherChanges(before: Registry, after: Registry): readonly Change[] {
  const told = { members: 0, projects: 0, groups: 0, authority: 0, policy: 0, version: 0 }
  const rest = (registry: Registry) => plain({ ...registry, ...told })
  return differencesOf(rest(before), rest(after), '').map((line) => ({ zh: line, en: line, history: true }))
}

/** Each place at which two values differ, with what stood there and what does now. */
function differencesOf(a: JsonValue, b: JsonValue, at: string): readonly string[] {
  const isTree = (value: JsonValue) => typeof value === 'object' && value !== null
  if (!isTree(a) || !isTree(b) || Array.isArray(a) !== Array.isArray(b)) {
    const [old, now] = [canonicalize(a), canonicalize(b)]
    return old === now ? [] : [`${at === '' ? '/' : at} ${old} → ${now}`]
  }
  const [old, now] = [new Map(Object.entries(a ?? {})), new Map(Object.entries(b ?? {}))]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) =>
    differencesOf(old.get(key) ?? null, now.get(key) ?? null, at + pointerStep(key)),
  )
}

function plain(value: unknown): JsonValue {
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}
