import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hex } from '../../protocol/hash.ts'
import { review, verdictIn } from './evidence.ts'
import { type Setting, until } from './setting.ts'

/** A log shows one history to one bureau and another to the other; what both signed is found out, and proven to anybody. */
export async function playSplitView(setting: Setting): Promise<void> {
  const { stage, cast, twoFaced, kept } = setting
  await stage.step(
    '一家机关的日志给两局看不同的历史：被发现，证据可离线核验',
    'a log shows each bureau another history: found out, with evidence that anybody can check',
    async (note) => {
      const answers = await twoFaced.show(cast.chongqing.url, cast.sichuan.url)
      note(`两局对送审检查点的答复 / answers of the two witnesses: ${answers.join('、')}`)
      const path = `/api/v1/evidence/${sha256Hex(twoFaced.origin)}`
      let evidence = ''
      await until(async () => {
        for (const { url } of cast.all) {
          const response = await fetch(`${url}${path}`)
          if (response.ok) evidence = await response.text()
        }
        return evidence !== ''
      }, 30_000)
      const [file, chain] = [join(kept, 'evidence.csx.json'), join(kept, 'registry-chain.json')]
      await writeFile(file, evidence)
      await writeFile(chain, await (await fetch(`${cast.sichuan.url}/api/v1/registry/chain`)).text())
      const { code, out } = await review(setting, file, chain)
      for (const line of out.trimEnd().split('\n').slice(1)) note(line)
      if (code !== 0) throw new Error(`the evidence was not confirmed: ${verdictIn(out)}`)
      note(`证据文件 / evidence: ${file}`)
    },
  )
}
