import { verifyBundle } from '../protocol/verify-bundle.ts'
import { createClient } from './client.ts'
import { type Exit, exits } from './exit.ts'
import { writeAtomically } from './file.ts'
import { gatherBundle, locateRecord } from './gather.ts'
import { requireRecordName } from './get.ts'
import { parseUrl } from './option.ts'
import { escapeText, formatDone, formatFinding, verdictNames } from './print.ts'
import { createProgress } from './progress.ts'
import { requireTrust } from './trust-file.ts'
import type { World } from './world.ts'

export interface BundleFlags {
  readonly node: string
  readonly output?: string
  readonly trust?: string
}

/**
 * `csx bundle`: gathers the evidence for one record from a node. With a trust file its own product is verified, and the exit is
 * that of the verdict; the file is written all the same, since it is evidence of that too.
 *
 * @see protocol/spec/bundle.md, BUNDLE-9
 */
export async function runBundle(name: string, flags: BundleFlags, world: World): Promise<Exit> {
  const trust = flags.trust === undefined ? undefined : await requireTrust(flags.trust, world)
  const client = createClient(parseUrl(flags.node), world)
  const progress = createProgress(world)
  const place = await locateRecord(client, requireRecordName(name))
  const bytes = await gatherBundle(client, place, (done, all) =>
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
  if (!trust) return exits.verified
  const { verdict, findings } = verifyBundle(bytes, { trust, now: world.now() })
  for (const finding of findings) if (finding.outcome !== 'passed') say(formatFinding(finding))
  say(`结论 / verdict: ${verdictNames[verdict]}`)
  return exits[verdict]
}
