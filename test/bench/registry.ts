import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { syntheticBureau, syntheticRepository } from '../../fixtures/synthetic/ceremony.ts'
import { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { createLogger } from '../../node/deps.ts'
import { openRegistry } from '../../node/trust/keep.ts'
import { openMirror } from '../../node/trust/mirror.ts'
import { formatBundle, parseBundle } from '../../protocol/bundle.ts'
import { encodeUtf8 } from '../../protocol/bytes.ts'
import { parseJson } from '../../protocol/json.ts'
import { isJsonObject, type JsonObject } from '../../protocol/json-value.ts'
import { parseRegistry, type Registry } from '../../protocol/trust/registry.ts'
import { verifyBundle } from '../../protocol/verify-bundle.ts'
import { percentile } from './measure.ts'
import { type BenchOptions, goalRow, type Row } from './row.ts'

/** The registry of the region: its refresh by a node, and what it costs a reviewer. */
export async function measureRegistry({ quick, say }: BenchOptions): Promise<readonly Row[]> {
  const { registry } = parseRegistry(
    await readFile(new URL('../../fixtures/region/registry.json', import.meta.url)),
  )
  const bureaus = [registry.members[0]?.id ?? '', registry.members[1]?.id ?? ''].map((did) =>
    syntheticBureau(did),
  )
  const [one, two] = bureaus
  if (!one || !two) throw new Error('two bureaus were expected')
  const expires = Date.now() + 365 * 86_400_000
  const directory = await mkdtemp(join(tmpdir(), 'csx-bench-registry-'))
  try {
    const times: number[] = []
    const rounds = quick ? 20 : 100
    const later = (version: number): Registry => ({ ...registry, version })
    let shown = await syntheticRepository({ bureaus: [one, two], registries: [later(1)], expires })
    const kept = await openRegistry({
      deps: {
        now: Date.now,
        random: (bytes) => new Uint8Array(bytes),
        logger: createLogger('silent'),
      },
      mirror: openMirror(directory),
      pinned: shown.fingerprint,
      sources: () => [{ name: 'bench', read: async (path) => shown.files.get(path) }],
      interval: 3_600_000,
    })
    for (let version = 2; version < rounds + 2; version += 1) {
      shown = await syntheticRepository({ bureaus: [one, two], registries: [later(version)], expires })
      const begun = performance.now()
      await kept.refresh()
      times.push(performance.now() - begun)
      if (kept.trust.current().registry.version !== version) throw new Error('a refresh took nothing')
    }
    await kept.stop()
    say(`registry refresh: p50 ${percentile(times, 0.5).toFixed(1)} ms`)
    return [
      goalRow(
        `refresh of the registry, ${registry.members.length} members, a new version each time, written durably`,
        `p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
        '≤ 100 ms for 68 members',
        percentile(times, 0.99) <= 100,
      ),
      await measureBundle(registry, { quick, say }),
    ]
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** In a warm process: what the roots, the signatures and the whole registry add to a review. */
async function measureBundle(region: Registry, { quick }: BenchOptions): Promise<Row> {
  const member = syntheticMember('合成机关', 'http://localhost:7499')
  const registry: Registry = {
    ...region,
    policy: 'none',
    members: [...region.members, ...syntheticRegistry([member]).members],
  }
  const bureaus = [syntheticBureau('did:web:one.example'), syntheticBureau('did:web:two.example')] as const
  const expires = Date.now() + 365 * 86_400_000
  const { files, fingerprint } = await syntheticRepository({ bureaus, registries: [registry], expires })
  const log = new SyntheticLog(member)
  for (let n = 0; n < 200; n += 1) await log.publish(syntheticStandard(n))
  const { bundle, records } = parseBundle(encodeUtf8(await log.bundle(0)))
  const object = (bytes: Uint8Array | undefined): JsonObject => {
    const value = parseJson(bytes ?? new Uint8Array(0), 16 << 20)
    if (!isJsonObject(value)) throw new Error('an object was expected')
    return value
  }
  const target = [...files.keys()].find((path) => path.startsWith('targets/'))
  const bytes = encodeUtf8(
    formatBundle({
      ...bundle,
      records: [...records.values()].map(object),
      registry: {
        roots: [object(files.get('1.root.json'))],
        targets: object(files.get(`${registry.version}.targets.json`)),
        registry: object(files.get(target ?? '')),
        logged: [],
      },
    }),
  )
  const times: number[] = []
  for (let i = 0; i < (quick ? 5 : 20); i += 1) {
    const begun = performance.now()
    const { verdict } = verifyBundle(bytes, { trust: undefined, pinned: fingerprint, now: Date.now() })
    times.push(performance.now() - begun)
    if (verdict !== 'verified') throw new Error(`the bundle of the bench is ${verdict}`)
  }
  return goalRow(
    `verification of a bundle with the registry of ${registry.members.length} members and a range of 200 entries`,
    `first ${(times[0] ?? 0).toFixed(0)} ms, then p50 ${percentile(times, 0.5).toFixed(0)} ms (${(bytes.length / 1024).toFixed(0)} KiB)`,
    '≤ 200 ms',
    (times[0] ?? 0) <= 200,
  )
}
