import { join } from 'node:path'
import { publish } from './client.ts'
import { gather, review, verdictIn } from './evidence.ts'
import { oneMore, untilWitnessed } from './exchange.ts'
import { type Setting, until } from './setting.ts'

/** A record for the pair alone: the partner reads it, a stranger learns nothing, and a reviewer to whom it is disclosed verifies it. */
export async function playPair(setting: Setting): Promise<void> {
  const { stage, cast, kept } = setting
  const { bishan, meishan, sichuan } = cast
  await stage.step(
    '只给结对双方的记录：眉山可读，外人一无所得，经出示后可核验',
    'a record for the pair alone: the partner reads it, a stranger learns nothing, a reviewer verifies what is shown to him',
    async (note) => {
      const receipt = await publish(bishan, {
        ...oneMore('DB50/T 990779—2026'),
        tier: 'pair',
        audience: 'bishan-meishan',
      })
      await until(async () => (await asOperator(meishan, receipt.digest)) === 200, 20_000)
      note(`眉山（凭节点身份取得）/ the partner’s node has it: 200`)
      for (const { url, name } of [bishan, meishan, sichuan]) {
        const { status } = await fetch(`${url}/records/${receipt.digest}`)
        note(`外人问${name} / a stranger asks ${name}: ${status}`)
        if (status !== 404) throw new Error(`a stranger got ${status}`)
      }
      await untilWitnessed(bishan, receipt.index)
      const bundle = join(kept, 'pair.csx.json')
      await gather(setting, {
        from: bishan,
        receipt,
        to: bundle,
        flags: ['--disclose', '--token-file', join(bishan.directory, 'operator.token')],
      })
      const { code, out } = await review(setting, bundle)
      for (const line of out.split('\n').filter((text) => /pair|结对/.test(text))) note(line)
      note(verdictIn(out))
      if (code !== 0) throw new Error(out.trim())
    },
  )
}

async function asOperator({ url, token }: { url: string; token: string }, digest: string): Promise<number> {
  const response = await fetch(`${url}/records/${digest}`, { headers: { authorization: `Bearer ${token}` } })
  return response.status
}
