import { canonicalize } from '../canonical.ts'
import { changesOf } from './member-difference.ts'
import { orderChanges } from './order-difference.ts'
import type { Member, Registry } from './registry.ts'
import { type Change, differencesOf, numbered, plain } from './value-difference.ts'

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
    ...orderChanges(plain(before), plain(after)),
  ]
  const [old, now] = [before, after].map((registry) => canonicalize(plain({ ...registry, version: 0 })))
  if (changes.length > 0 || old === now) return changes
  return [{ zh: '仅有重复的改动', en: 'what stands in it twice changes' }]
}

/** A new member is told whole: its keys are what anybody who hands it over could exchange. */
function added(member: Member): readonly Change[] {
  const name = member.profile.at(-1)?.nameZh ?? ''
  const logs = member.origins.map(({ origin }) => origin)
  const nothing = { profile: [], origins: [], keys: [], cosigners: [], status: [], endpoints: { base: '' } }
  return [
    {
      zh: `新成员 ${name}（${member.id}），日志 ${logs.join('、')}，密钥${member.keys.length + member.cosigners.length}个${member.synthetic ? '，合成' : ''}`,
      en: `new member ${member.id}, log ${logs.join(', ')}, ${member.keys.length + member.cosigners.length} keys${member.synthetic ? ', synthetic' : ''}`,
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
  const old = numbered(before, ({ id }) => id)
  const now = numbered(after, ({ id }) => id)
  return [
    ...[...now].flatMap(([name, entry]) => {
      const was = old.get(name)
      if (!was) return [say(`新${zh}`, `new ${en}`, entry)]
      return canonicalize(plain(was)) === canonicalize(plain(entry))
        ? []
        : [say(`${zh}改为`, `${en} becomes`, entry)]
    }),
    ...[...old]
      .filter(([name]) => !now.has(name))
      .map(([, entry]) => ({ ...say(`删除${zh}`, `${en} removed`, entry), history: true as const })),
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
  const of = (list: readonly unknown[]) =>
    numbered(
      list.map((entry) => canonicalize(plain(entry))),
      (text) => text,
    )
  const [old, now] = [of(before), of(after)]
  return [
    ...[...now]
      .filter(([name]) => !old.has(name))
      .map(([, entry]) => ({ zh: `新${zh} ${entry}`, en: `new ${en} ${entry}` })),
    ...[...old]
      .filter(([name]) => !now.has(name))
      .map(([, entry]) => ({
        zh: `删除${zh} ${entry}`,
        en: `${en} removed ${entry}`,
        history: true as const,
      })),
  ]
}

/** Members of the registry that no sentence above is about. */
function otherChanges(before: Registry, after: Registry): readonly Change[] {
  const told = { members: 0, projects: 0, groups: 0, authority: 0, policy: 0, version: 0 }
  const rest = (registry: Registry) => plain({ ...registry, ...told })
  return differencesOf(rest(before), rest(after), '').map((line) => ({ zh: line, en: line, history: true }))
}
