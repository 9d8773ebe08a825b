import { isDigest } from '../protocol/hash.ts'
import { agreementId } from '../protocol/record/agreement.ts'
import { verifyAgreementBundle } from '../protocol/verify-recognition.ts'
import { locateAgreement } from './agreement-place.ts'
import type { BundleFlags } from './bundle.ts'
import { createClient } from './client.ts'
import { readCredential } from './credential.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { writeAtomically } from './file.ts'
import { type GatheredAgreement, gatherAgreement } from './gather-agreement.ts'
import { parseUrl } from './option.ts'
import { escapeText, formatDone, formatFinding, verdictNames } from './print.ts'
import { createProgress } from './progress.ts'
import { loadTrust } from './trust-file.ts'
import type { World } from './world.ts'

export const agreementKinds = ['recognition', 'interconnection', 'reuse'] as const

/**
 * `csx bundle recognition ID`: gathers the evidence about one agreement from a node. With a trust file its own product is verified, and
 * the exit is that of the verdict; the file is written all the same, since it is evidence of that too.
 *
 * @see protocol/spec/agreement.md, AGREE-47
 */
export async function runAgreementBundle(
  kind: (typeof agreementKinds)[number],
  id: string,
  { flags, world }: { readonly flags: BundleFlags; readonly world: World },
): Promise<Exit> {
  if (!agreementId.safeParse(id).success)
    throw usageError(`需要声明的标识 urn:uuid:… / the id of an agreement is needed, urn:uuid:…: ${id}`)
  const { digest } = flags
  if (digest !== undefined && !isDigest(digest))
    throw usageError(`--digest 需要 sha256:… / --digest takes sha256:…: ${digest}`)
  const client = createClient(parseUrl(flags.node), world, await readCredential(flags, world))
  const root = flags.trust === undefined ? undefined : await loadTrust(flags.trust, world)
  if (root?.fault) throw root.fault
  const place = await locateAgreement(client, id, digest)
  if (place.contains !== 'public' && !flags.disclose)
    throw usageError(
      '该声明非公开；--disclose 会把有关记录及其开启数据写入文件，持有者可向任何人证明其内容 / this agreement is not public: --disclose puts its records and what opens them into the file, and whoever has the file can prove them to anybody',
    )
  const progress = createProgress(world)
  const gathered = await gatherAgreement(client, place, (done, all) =>
    progress.report('取得日志条目', 'fetching entries', done, all),
  )
  const { bytes, agreement } = gathered
  if (agreement && agreement.kind !== kind)
    throw usageError(`该声明属 ${agreement.kind} 类 / this agreement is of kind ${agreement.kind}`)
  if (flags.output === undefined) world.out(bytes)
  else await writeAtomically(flags.output, bytes)
  // Standard output may be the bundle itself.
  const say = (line: string) => world.err(`${escapeText(line)}\n`)
  sayGathered(gathered, say)
  if (!root) return exits.verified
  const { trust, pinned } = root
  const options = { trust, ...(pinned === undefined ? {} : { pinned }), now: world.now() }
  const { verdict, findings } = verifyAgreementBundle(bytes, options)
  for (const finding of findings)
    if (finding.outcome !== 'passed' || finding.check === 'validity') say(formatFinding(finding))
  say(`结论 / verdict: ${verdictNames[verdict]}`)
  return exits[verdict]
}

function sayGathered(
  { bytes, agreement, logs, opened, absent }: GatheredAgreement,
  say: (line: string) => void,
): void {
  say(
    formatDone(
      `证据包 ${bytes.length} 字节：日志${logs.length}个`,
      `bundle of ${bytes.length} bytes: ${logs.length} log(s)`,
    ),
  )
  for (const { origin, size, notes } of logs)
    say(`  ${origin}：至规模${size}，见证记录${notes}份 / to size ${size}, ${notes} witnessed note(s)`)
  for (const { origin, index, digest } of opened)
    say(`! 非公开记录 / not public: ${origin} 第${index}条 / entry ${index} ${digest}`)
  if (!agreement)
    say('! 文件内没有载有该声明的记录 / no record in the file carries the agreement (RECORD_UNAVAILABLE)')
  for (const digest of absent) say(`! 节点未给出文件 / the node does not give this file: ${digest}`)
}
