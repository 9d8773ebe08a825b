import type { Root, RootKey } from './root.ts'
import type { Change } from './value-difference.ts'

/**
 * What differs between two roots: keys, by bureau and role, and how long it holds.
 *
 * @see spec/registry.md, REG-20 and REG-702
 */
export function describeRootChanges(before: Root | undefined, after: Root): readonly Change[] {
  const until = new Date(after.expires).toISOString().slice(0, 10)
  const changes: Change[] = [
    {
      zh: `根第${after.version}版，有效至 ${until}，两局：${after.bureaus.join('、')}`,
      en: `root ${after.version}, valid until ${until}, bureaus ${after.bureaus.join(' and ')}`,
    },
  ]
  // The same key in another role, or in another hand, is another.
  const has = (root: Root | undefined, { id, role, controller }: RootKey) => {
    const found = root?.keys.get(id)
    return found?.role === role && found.controller === controller
  }
  for (const key of after.keys.values())
    if (!has(before, key))
      changes.push({
        zh: `新的${roleNames[key.role]}密钥 ${key.id}，由 ${key.controller} 持有`,
        en: `new ${key.role} key ${key.id}, held by ${key.controller}`,
      })
  for (const key of before?.keys.values() ?? [])
    if (!has(after, key))
      changes.push({
        zh: `撤下${roleNames[key.role]}密钥 ${key.id}（${key.controller}）`,
        en: `${key.role} key ${key.id} of ${key.controller} is withdrawn`,
      })
  return changes
}

const roleNames = { root: '根', targets: '目标', snapshot: '快照', timestamp: '时间戳' } as const
