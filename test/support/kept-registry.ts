import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import {
  registryBytes,
  signAll,
  syntheticBureau,
  syntheticRepository,
} from '../../fixtures/synthetic/ceremony.ts'
import { syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { createLogger } from '../../node/deps.ts'
import { type KeepOptions, type KeptRegistry, openRegistry } from '../../node/trust/keep.ts'
import { openMirror } from '../../node/trust/mirror.ts'
import { canonicalBytes } from '../../protocol/canonical.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { type Digest, sha256Hex } from '../../protocol/hash.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import { composeSnapshot, composeTargets, composeTimestamp, signTuf } from '../../protocol/trust/tuf-make.ts'
import { type RegistryServer, serveRegistry } from './registry-server.ts'

export const members = ['甲', '乙', '丙'].map((name, i) =>
  syntheticMember(`合成${name}`, `http://localhost:${7401 + i}`),
)
export const one = syntheticBureau(members[0]!.did)
export const two = syntheticBureau(members[1]!.did)
const bureaus = [one, two] as const
export const expires = Date.now() + 365 * 86_400_000
export const registry = (version: number, of = members.slice(0, 2)) => ({ ...syntheticRegistry(of), version })
export const repository = (...versions: number[]) =>
  syntheticRepository({ bureaus, registries: versions.map((version) => registry(version)), expires })

/** Of one test: a server with version 1, the directory of a node, and what the node told. Made by the hooks below. */
export const at: { server: RegistryServer; directory: string; pinned: Digest; lines: string[] } = {
  server: { url: '', asked: [], files: new Map(), close: async () => {} },
  directory: '',
  pinned: 'sha256:',
  lines: [],
}
const kept: KeptRegistry[] = []

/** Call it once in a file of tests. */
export function keepForEachTest(): void {
  beforeEach(async () => {
    const { fingerprint, files } = await repository(1)
    at.pinned = fingerprint
    at.server = await serveRegistry(files)
    at.directory = await mkdtemp(join(tmpdir(), 'csx-keep-'))
    at.lines = []
  })

  afterEach(async () => {
    await Promise.all(kept.splice(0).map((registry) => registry.stop()))
    await at.server.close()
    await rm(at.directory, { recursive: true, force: true })
  })
}

const http = (url: string) => ({
  name: url,
  read: async (path: string) => {
    const response = await fetch(`${url}/${path}`)
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined
  },
})

export async function open(change: Partial<KeepOptions> = {}): Promise<KeptRegistry> {
  const opened = await openRegistry({
    deps: {
      now: Date.now,
      random: (bytes) => new Uint8Array(bytes),
      logger: createLogger('info', { write: (line: string) => void at.lines.push(line) }),
    },
    mirror: openMirror(join(at.directory, 'registry')),
    pinned: at.pinned,
    sources: () => [http(at.server.url)],
    interval: 20,
    ...change,
  })
  kept.push(opened)
  return opened
}

export const codeOf = (run: Promise<unknown>) =>
  run.then(
    () => 'opened',
    (error: unknown) => (error instanceof ProtocolError ? error.code : String(error)),
  )

export const put = (path: string, bytes: Uint8Array) => {
  at.server.files = new Map([...at.server.files, [path, bytes]])
}
export const putJson = async (path: string, value: Promise<JsonObject>) =>
  put(path, canonicalBytes(await value))

/** A version as both bureaus publish it, or what somebody makes of it. */
export async function publish(
  version: number,
  of = members.slice(0, 2),
  signers = [one.targets, two.targets],
) {
  const bytes = registryBytes(registry(version, of))
  put(`targets/${sha256Hex(bytes)}.registry.json`, bytes)
  await putJson(`${version}.targets.json`, signAll(composeTargets(bytes, { version, expires }), signers))
  await putJson(
    `${version}.snapshot.json`,
    signTuf(composeSnapshot(version, { version, expires }), two.snapshot),
  )
  await putJson('timestamp.json', signTuf(composeTimestamp(version, { version, expires }), two.timestamp))
}

export const told = () => at.lines.flatMap((line) => JSON.parse(line).code ?? [])
