import { join } from 'node:path'
import { canonicalBytes } from '../../protocol/canonical.ts'
import { exchangeContext } from '../../protocol/context/name.ts'
import { exchangeContextPin } from '../../protocol/context/pin.ts'
import { namedKeysOf, parseBureau } from '../../protocol/trust/bureau.ts'
import { readRoot } from '../../protocol/trust/root.ts'
import { readTuf } from '../../protocol/trust/tuf.ts'
import { composeRoot, roleLife } from '../../protocol/trust/tuf-make.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { makeFolder, readInput, requireAbsent, writeAtomically } from '../file.ts'
import { formatDone } from '../print.ts'
import type { World } from '../world.ts'
import { openPublished, openRepository, saveRegistry, writeRepository } from './workspace.ts'

export interface RegistryInitFlags {
  readonly network?: string
  readonly bureau?: readonly string[]
  readonly from?: string
}

/**
 * `csx registry init`: a folder for the first version of a registry, or for the one that follows what is published.
 *
 * @see protocol/spec/registry.md, REG-22
 */
export async function runRegistryInit(
  directory: string,
  flags: RegistryInitFlags,
  world: World,
): Promise<Exit> {
  for (const name of ['registry.json', 'targets.json', 'root.json'])
    await requireAbsent(join(directory, name))
  const { network, bureau: files = [] } = flags
  if (flags.from !== undefined) {
    if (network !== undefined || files.length > 0)
      throw usageError(
        '续版只需 --from：网络与根取自已发布的登记册 / --from takes network and root from what is published, and goes alone',
      )
    return followPublished(directory, flags.from, world)
  }
  if ((network !== 'synthetic' && network !== 'production') || files.length !== 2)
    throw usageError(
      '首版需要 --network synthetic|production 与两个 --bureau bureau.json；续版需要 --from 目录 / the first version needs --network and two --bureau files, a later one --from',
    )
  const bureaus = await Promise.all(
    files.map(async (file) => parseBureau(await readInput(file, 1 << 16, world))),
  )
  const root = composeRoot(bureaus.flatMap(namedKeysOf), {
    version: 1,
    expires: world.now() + roleLife.root,
  })
  readRoot(readTuf('root', root))
  const registry = {
    v: 1,
    version: 1,
    network,
    context: { iri: exchangeContext, digest: exchangeContextPin },
    policy: 'none',
    members: [],
    projects: [],
    authority: [],
  }
  await makeFolder(directory)
  await writeAtomically(join(directory, 'root.json'), canonicalBytes(root))
  await saveRegistry(directory, registry, world)
  world.out(
    `${formatDone(`首版登记册的工作目录 ${directory}；接着用 csx registry add 加入成员`, `a folder for the first registry: ${directory}; go on with csx registry add`)}\n`,
  )
  return exits.verified
}

async function followPublished(directory: string, from: string, world: World): Promise<Exit> {
  const published = await openRepository(from)
  if (!published) throw usageError(`${from} 中没有已发布的登记册 / no published registry in ${from}`)
  // What does not hold is not copied: it would be what the next version is held against.
  openPublished(published, published.fingerprint)
  await writeRepository(join(directory, 'base'), published.files)
  const version = Number(published.registry.version) + 1
  await saveRegistry(directory, { ...published.registry, version }, world)
  world.out(
    `${formatDone(`第${version}版登记册的工作目录 ${directory}`, `a folder for version ${version} of the registry: ${directory}`)}\n`,
  )
  return exits.verified
}
