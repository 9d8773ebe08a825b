import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { shorten } from './ceremony.ts'
import { ask, publish } from './client.ts'
import { gather, review, verdictIn } from './evidence.ts'
import { oneMore, untilWitnessed } from './exchange.ts'
import { must } from './network.ts'
import { type Setting, until } from './setting.ts'

/** A new publishing key from an index on: nobody stops, and what the old key signed stands. */
export async function playRotation(setting: Setting): Promise<void> {
  const { stage, root, scratch, cast, ceremony, kept } = setting
  const { bishan } = cast
  await stage.step(
    '璧山换发布密钥：登记册第2版，自某条起用新钥，节点不停',
    'a planned rotation: version 2 of the registry, a new key from an index on, no node stops',
    async (note) => {
      const fresh = join(scratch, 'bishan-next')
      await must(root, ['keygen', '--base-url', bishan.url, '--name', bishan.zh, '--out', fresh], scratch)
      await cp(join(fresh, 'publish.key'), join(bishan.directory, 'keys', 'publish.next.key'))
      const at = await sizeOf(setting)
      const seen = await ceremony.next([
        'rotate-key',
        bishan.did,
        '--purpose',
        'publish',
        '--new',
        join(fresh, 'publish.key'),
        '--at',
        String(at),
      ])
      for (const line of seen.split('\n').filter((text) => /密钥（publish）/.test(text)))
        note(shorten(line.trim()))
      await until(
        async () => (await Promise.all(cast.all.map(versionOf))).every((version) => version === 2),
        30_000,
      )
      note('四个节点都已换用第2版，无需重启 / all four go by version 2, without a restart')
      const receipt = await publish(bishan, oneMore('DB50/T 990778—2026'))
      await untilWitnessed(bishan, receipt.index)
      const bundle = join(kept, 'after-rotation.csx.json')
      await gather(setting, { from: bishan, receipt, to: bundle })
      for (const [file, zh, en] of [
        [join(kept, 'bundle.csx.json'), '旧钥所签', 'signed with the old key'],
        [bundle, `新钥所签（第${receipt.index}条）`, `signed with the new key (entry ${receipt.index})`],
      ] as const) {
        const { code, out } = await review(setting, file)
        note(`${zh} / ${en}: ${verdictIn(out)}`)
        if (code !== 0) throw new Error(out.trim())
      }
    },
  )
}

async function sizeOf({ cast }: Setting): Promise<number> {
  const { logs } = await ask(cast.bishan, '/api/v1/logs')
  const own = Array.isArray(logs)
    ? logs.find((log) => typeof log === 'object' && log !== null && 'own' in log && log.own === true)
    : undefined
  return typeof own === 'object' && own !== null && 'size' in own ? Number(own.size) : 0
}

async function versionOf(place: Parameters<typeof ask>[0]): Promise<number> {
  const { registry } = await ask(place, '/api/v1/registry/chain')
  return typeof registry === 'object' && registry !== null && 'version' in registry
    ? Number(registry.version)
    : 0
}
