import { verifyBundle } from '../protocol/verify-bundle.ts'
import { createClient } from './client.ts'
import { type ReaderFlags, readCredential } from './credential.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { writeAtomically } from './file.ts'
import { gatherBundle } from './gather.ts'
import { parseUrl } from './option.ts'
import { locateRecord } from './place.ts'
import { escapeText, formatDone, formatFinding, verdictNames } from './print.ts'
import { createProgress } from './progress.ts'
import { requireRecordName } from './record-name.ts'
import { loadTrust } from './trust-file.ts'
import type { World } from './world.ts'

export interface BundleFlags extends ReaderFlags {
  readonly node: string
  /** Puts records that are not public into the file, with what opens them. */
  readonly disclose?: boolean
  /** Of an agreement: the version meant, where several were proposed. */
  readonly digest?: string
  readonly output?: string
  readonly trust?: string
}

/**
 * `csx bundle`: gathers the evidence for one record from a node. With a trust file its own product is verified, and the exit is
 * that of the verdict; the file is written all the same, since it is evidence of that too.
 *
 * @see protocol/spec/bundle.md, BUNDLE-9
 */
export async function runBundle(
  name: string,
  agreement: string | undefined,
  { flags, world }: { readonly flags: BundleFlags; readonly world: World },
): Promise<Exit> {
  if (agreement !== undefined || flags.digest !== undefined)
    throw usageError(
      `声明只能以 recognition、interconnection、reuse 指明种类 / an agreement comes after recognition, interconnection or reuse: ${name}`,
    )
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  const root = flags.trust === undefined ? undefined : await loadTrust(flags.trust, world)
  if (root?.fault) throw root.fault
  const progress = createProgress(world)
  const place = await locateRecord(client, requireRecordName(name))
  if (place.tier !== 'public' && !flags.disclose)
    throw usageError(
      '该记录非公开；--disclose 会把它及其开启数据写入文件，持有者可向任何人证明其内容 / this record is not public: --disclose puts it and what opens it into the file, and whoever has the file can prove it to anybody',
    )
  const { bytes, opened, receipted } = await gatherBundle(client, place, (done, all) =>
    progress.report('取得后续条目', 'fetching later entries', done, all),
  )
  if (flags.output === undefined) world.out(bytes)
  else await writeAtomically(flags.output, bytes)
  // Standard output may be the bundle itself.
  const say = (line: string) => world.err(`${escapeText(line)}\n`)
  say(
    formatDone(
      `证据包 ${bytes.length} 字节：${place.origin} 第${place.index}条`,
      `bundle of ${bytes.length} bytes: entry ${place.index} of ${place.origin}`,
    ),
  )
  for (const { index, digest } of opened)
    say(`! 非公开记录 / not public: 第${index}条 / entry ${index} ${digest}`)
  if (receipted === false)
    say(
      '! 本节点尚无对方机关的收讫登记 / this node knows of no receipt of the other party yet (RECEIPT_MISSING)',
    )
  if (!root) return exits.verified
  const { trust, pinned } = root
  const options = { trust, ...(pinned === undefined ? {} : { pinned }), now: world.now() }
  const { verdict, findings } = verifyBundle(bytes, options)
  for (const finding of findings) if (finding.outcome !== 'passed') say(formatFinding(finding))
  say(`结论 / verdict: ${verdictNames[verdict]}`)
  return exits[verdict]
}
