import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cast, must } from './network.ts'
import { runCsx } from './process.ts'
import type { TwoFaced } from './two-faced.ts'

export interface Ceremony {
  /** Fingerprint of the root: what people write down. */
  readonly fingerprint: string
  /** Makes, signs by both, and publishes the next version. @returns what the second bureau saw before it signed */
  next(change: readonly string[]): Promise<string>
}

interface CeremonyOptions {
  readonly root: string
  readonly scratch: string
  readonly cast: Cast
  /** A member that will show two faces. */
  readonly twoFaced: TwoFaced
  readonly note: (text: string) => void
}

/**
 * Two bureaus, each with its own safe; between them goes a folder, as on a stick. What one has signed alone is refused.
 *
 * @see protocol/spec/registry.md, REG-20 to REG-25
 */
export async function holdCeremony({
  root,
  scratch,
  cast,
  twoFaced,
  note,
}: CeremonyOptions): Promise<Ceremony> {
  const { chongqing, sichuan, bishan, meishan } = cast
  const safeOf = ({ directory }: { directory: string }) => join(directory, 'safe')
  const repository = join(chongqing.directory, 'registry')
  for (const bureau of [chongqing, sichuan])
    await must(root, ['registry', 'keys', '--base-url', bureau.url, '--out', safeOf(bureau)], scratch)
  // The keys that a bureau's node uses by itself lie with the keys of the node.
  for (const bureau of [chongqing, sichuan])
    for (const name of ['registry-snapshot.key', 'registry-timestamp.key'])
      await cp(join(safeOf(bureau), name), join(bureau.directory, 'keys', name))
  const draft = join(scratch, 'stick-1')
  const registry = (command: string, folder: string, ...rest: readonly string[]) =>
    must(root, ['registry', command, folder, ...rest], scratch)
  const files = [chongqing, sichuan].map((bureau) => join(safeOf(bureau), 'bureau.json'))
  await registry('init', draft, '--network', 'synthetic', '--bureau', ...files)
  const members = cast.all.map(({ directory }) => join(directory, 'keys', 'member.json'))
  await registry('add', draft, ...members, twoFaced.memberFile)
  await registry('set-policy', draft, 'bureaus')
  await registry(
    'set-pair',
    draft,
    'bishan-meishan',
    '--name',
    '璧山—眉山结对项目（演示）',
    '--parties',
    bishan.did,
    meishan.did,
    '--from',
    '2026-01-01',
  )
  const publish = (folder: string) =>
    runCsx(
      root,
      ['registry', 'publish', folder, '--repository', repository, '--keys', safeOf(chongqing)],
      scratch,
    )
  const sign = (folder: string, bureau: { directory: string }) =>
    registry('sign', folder, '--keys', safeOf(bureau), '--yes')
  await sign(draft, chongqing)
  note('重庆局已签，四川局未签，试行发布 / signed by one bureau alone, publication is tried:')
  const alone = await publish(draft)
  note(`  ${alone.out.trim().split('\n')[0] ?? ''}`)
  if (alone.code !== 1) throw new Error(`one bureau alone ended with ${alone.code} instead of 1`)
  const seen = await sign(draft, sichuan)
  for (const line of seen.split('\n').filter((text) => /新成员|新结对|✓/.test(text)))
    note(`  ${shorten(line.trim())}`)
  const both = await publish(draft)
  const fingerprint = /sha256:[0-9a-f]{64}\s*$/.exec(both.out.trim())?.[0].trim()
  if (both.code !== 0 || fingerprint === undefined) throw new Error(both.out.trim())
  note(
    `两局都已签署并发布；根的指纹，请抄在纸上 / both signed; the fingerprint of the root, to be kept on paper:`,
  )
  note(`  ${fingerprint}`)
  let version = 1
  return {
    fingerprint,
    async next([command = '', ...rest]) {
      version += 1
      const folder = join(scratch, `stick-${version}`)
      await mkdir(folder, { recursive: true })
      await registry('init', folder, '--from', repository)
      await registry(command, folder, ...rest)
      await sign(folder, chongqing)
      const shown = await sign(folder, sichuan)
      const { code, out } = await publish(folder)
      if (code !== 0) throw new Error(out.trim())
      return shown
    },
  }
}

/** Long lines of a ceremony, for a terminal. */
export function shorten(text: string): string {
  return text.length > 110 ? `${text.slice(0, 108)}…` : text
}
