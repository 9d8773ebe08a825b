import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Receipt } from './client.ts'
import type { DemoPlace } from './network.ts'
import { must } from './network.ts'
import { runCsx } from './process.ts'
import type { Setting } from './setting.ts'

/** A reviewer, in a folder that never saw a node, with nothing but a file and the fingerprint on paper. */
export async function playEvidence(setting: Setting, receipt: Receipt): Promise<void> {
  const { stage, cast, kept, ceremony } = setting
  const bundle = join(kept, 'bundle.csx.json')
  await stage.step(
    '取得证据包，只凭纸上的指纹，在一个从未见过节点的目录中离线核验',
    'a bundle is written and verified offline by the fingerprint alone, in a folder that never saw the nodes',
    async (note) => {
      await gather(setting, { from: cast.bishan, receipt, to: bundle })
      const { code, out } = await review(setting, bundle)
      for (const text of out.trimEnd().split('\n')) note(text)
      if (code !== 0) throw new Error(`csx verify ended with ${code}`)
      note(`证据包 / bundle: ${bundle}`)
      note(`自己核验 / for yourself: npm run csx -- verify ${bundle} --trust ${ceremony.fingerprint}`)
    },
  )
  await stage.step(
    '改动一个字节，再核验：应当被拒绝',
    'one byte is altered: it must be refused',
    async (note) => {
      const altered = join(reviewer(setting), 'altered.csx.json')
      const text = await readFile(bundle, 'utf8')
      await writeFile(altered, text.replace('"effectiveOn":"2026-02-01"', '"effectiveOn":"2026-02-02"'))
      const { code, out } = await review(setting, altered)
      for (const line of out
        .trimEnd()
        .split('\n')
        .filter((entry) => /✗|→|:.*(?:rejected|拒绝)/.test(entry))
        .slice(0, 12))
        note(line)
      if (code !== 1) throw new Error(`an altered bundle ended with ${code} instead of 1`)
      note('退出码 1：证明已被改动 / exit 1: proven to be altered')
    },
  )
}

function reviewer({ scratch }: Setting): string {
  return join(scratch, 'reviewer')
}

export interface Gathering {
  readonly from: DemoPlace
  readonly receipt: Receipt
  readonly to: string
  readonly flags?: readonly string[]
}

export async function gather(setting: Setting, { from, receipt, to, flags = [] }: Gathering): Promise<void> {
  await mkdir(reviewer(setting), { recursive: true })
  await must(
    setting.root,
    ['bundle', receipt.digest, '--node', from.url, '-o', to, ...flags],
    reviewer(setting),
  )
}

export function review(setting: Setting, file: string, trust = setting.ceremony.fingerprint) {
  return runCsx(setting.root, ['verify', file, '--trust', trust], reviewer(setting))
}

/** The last line of a review. */
export function verdictIn(out: string): string {
  return out.trimEnd().split('\n').at(-1) ?? ''
}
