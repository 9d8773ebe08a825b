import { keyChanges } from './key-difference.ts'
import type { Member } from './registry.ts'
import { type Change, differencesOf, plain } from './value-difference.ts'

/** Members of a registry grow at the end of their lists: keys, ranges, states; what stands there stays. */
export function changesOf(was: Member, member: Member): readonly Change[] {
  const name = member.profile.at(-1)?.nameZh ?? member.id
  const changes = [
    ...statusChanges(was, member),
    ...logChanges(was, member),
    ...successionChanges(was, member),
    ...groupChanges(was, member),
    ...keyChanges(was, member),
    ...differencesOf(restOf(was), restOf(member), '').map((line) => ({ zh: line, en: line })),
  ]
  return changes.map((change) => ({
    ...change,
    zh: `${name}：${change.zh}`,
    en: `${member.id}: ${change.en}`,
  }))
}

const statusNames = { active: '正常', suspended: '暂停', left: '退出' } as const

/** What has sentences of its own stands apart from the rest. */
function restOf(member: Member) {
  const { status: _s, keys: _k, cosigners: _c, origins: _o, succeededBy: _b, group: _g, ...rest } = member
  return plain(rest)
}

function statusChanges(was: Member, member: Member): readonly Change[] {
  return [
    ...member.status.slice(was.status.length).map(
      (step): Change => ({
        zh: `自 ${step.origin} 第${step.size}条起状态为 ${statusNames[step.status]}`,
        en: `${step.status} from entry ${step.size} of ${step.origin} on`,
        ...(isInPast(was, step) ? { history: true } : {}),
      }),
    ),
    ...rewritten(was.status, member.status).map(
      (line): Change => ({
        zh: `改写过去的状态 ${line}`,
        en: `a past status is rewritten ${line}`,
        history: true,
      }),
    ),
  ]
}

/** At or before a step that is there, or in a log in which the member was none so far. */
function isInPast(was: Member, { origin, size }: Member['status'][number]): boolean {
  if (!was.origins.some((log) => log.origin === origin)) return false
  const steps = was.status.filter((step) => step.origin === origin)
  return steps.length === 0 || steps.some((step) => size <= step.size)
}

function logChanges(was: Member, member: Member): readonly Change[] {
  const changes: Change[] = []
  for (const { origin, url, closed } of member.origins) {
    const earlier = was.origins.find((log) => log.origin === origin)
    if (!earlier)
      changes.push({ zh: `新日志 ${origin}，地址 ${url}`, en: `new log ${origin}, served at ${url}` })
    else if (url !== earlier.url)
      changes.push({ zh: `日志 ${origin} 的地址改为 ${url}`, en: `log ${origin} is served at ${url}` })
    if (closed && !earlier?.closed)
      changes.push({
        zh: `关闭日志 ${origin}，规模${closed.size}，根 ${closed.root}，原因：${closed.reason}`,
        en: `log ${origin} is closed at size ${closed.size}, root ${closed.root}: ${closed.reason}`,
        // Of a log that was open, nothing at all would count.
        ...(earlier && closed.size === 0 ? { history: true } : {}),
      })
  }
  for (const log of was.origins) {
    const later = member.origins.find(({ origin }) => origin === log.origin)
    if (!later)
      changes.push({ zh: `删除日志 ${log.origin}`, en: `log ${log.origin} is removed`, history: true })
    else if (log.closed && !later.closed)
      changes.push({
        zh: `重新打开已关闭的日志 ${log.origin}`,
        en: `closed log ${log.origin} is reopened`,
        history: true,
      })
    else if (log.closed) {
      const lines = differencesOf(plain(log.closed), plain(later.closed), '/closed').join('；')
      if (lines !== '')
        changes.push({
          zh: `改动已关闭的日志 ${log.origin} ${lines}`,
          en: `the closing of log ${log.origin} is changed ${lines}`,
          history: true,
        })
    }
  }
  return changes
}

function groupChanges({ group: was }: Member, { group }: Member): readonly Change[] {
  if (was === group) return []
  if (group === undefined) return [{ zh: `退出协作组 ${was}`, en: `is taken out of group ${was}` }]
  return was === undefined
    ? [{ zh: `加入协作组 ${group}`, en: `joins group ${group}` }]
    : [{ zh: `由协作组 ${was} 转入 ${group}`, en: `goes from group ${was} to ${group}` }]
}

function successionChanges(was: Member, member: Member): readonly Change[] {
  const [old, now] = [was.succeededBy ?? [], member.succeededBy ?? []]
  return [
    ...now
      .slice(old.length)
      .map(({ id, on }): Change => ({ zh: `自 ${on} 起由 ${id} 继任`, en: `succeeded by ${id} on ${on}` })),
    ...rewritten(old, now).map(
      (line): Change => ({
        zh: `改写过去的继任 ${line}`,
        en: `a past succession is rewritten ${line}`,
        history: true,
      }),
    ),
  ]
}

/** What stands in a list that only ever grows and stood there otherwise before. */
function rewritten(was: readonly unknown[], now: readonly unknown[]): readonly string[] {
  return was.flatMap((entry, i) => differencesOf(plain(entry), plain(now[i]), `/${i}`))
}
