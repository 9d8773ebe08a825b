import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { SyntheticRepository } from '../../fixtures/synthetic/ceremony.ts'
import {
  registryText,
  type SyntheticMember,
  syntheticMember,
  syntheticRegistry,
  syntheticSeed,
} from '../../fixtures/synthetic/member.ts'
import { encodeBase64Url } from '../../protocol/bytes.ts'
import { purposes } from '../../protocol/trust/registry.ts'
import { labRepository } from '../support/network.ts'
import { writeRepository } from '../support/node.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
export const token = 'operator-token-of-the-bench'

/** Two built nodes on loopback, each a program with its own embedded PostgreSQL: what an office runs. */
export interface BenchNode {
  readonly member: SyntheticMember
  readonly url: string
  readonly directory: string
  start(pollSeconds: number): Promise<number>
  stop(): Promise<void>
  /** Resident memory of the node's process in MiB, without PostgreSQL's; `NaN` where the system does not tell. */
  memory(): Promise<number>
}

export interface BenchNetwork {
  readonly publisher: BenchNode
  readonly follower: BenchNode
  readonly trustFile: string
  close(): Promise<void>
}

export async function layOut(): Promise<BenchNetwork> {
  const directory = await mkdtemp(join(tmpdir(), 'csx-bench-'))
  await chmod(directory, 0o711)
  const members = [
    syntheticMember('合成发布节点', `http://localhost:${await freePort()}`),
    syntheticMember('合成关注节点', `http://localhost:${await freePort()}`),
  ]
  const trustFile = join(directory, 'trust.json')
  const registry = syntheticRegistry(members)
  await writeFile(trustFile, registryText(registry))
  const repository = await labRepository([registry])
  const nodes = await Promise.all(
    members.map((member, i) => createNode(member, join(directory, String(i)), repository)),
  )
  const [publisher, follower] = nodes
  if (!publisher || !follower) throw new Error('two nodes were expected')
  return {
    publisher,
    follower,
    trustFile,
    close: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function createNode(
  member: SyntheticMember,
  directory: string,
  repository: SyntheticRepository,
): Promise<BenchNode> {
  await mkdir(join(directory, 'keys'), { recursive: true })
  await writeRepository(repository, join(directory, 'registry'))
  for (const purpose of purposes) {
    const seed = encodeBase64Url(syntheticSeed(purpose, member.did))
    const file = { v: 1, purpose, multikey: member[purpose].publicKey.multibase, seed }
    await writeFile(join(directory, 'keys', `${purpose}.key`), JSON.stringify(file), { mode: 0o600 })
  }
  await writeFile(join(directory, 'operator.token'), `${token}\n`, { mode: 0o600 })
  let child: ChildProcess | undefined
  return {
    member,
    url: member.base,
    directory,
    start: async (pollSeconds) => {
      const begun = performance.now()
      child = spawn(process.execPath, [join(root, 'dist/node/main.js')], {
        stdio: ['pipe', 'ignore', 'inherit'],
        env: {
          ...process.env,
          CSX_BASE_URL: member.base,
          CSX_DATA_DIR: directory,
          CSX_REGISTRY_ROOT: repository.fingerprint,
          CSX_POLL_SECONDS: String(pollSeconds),
          CSX_LOG_LEVEL: 'error',
          CSX_STOP_WITH_PARENT: '1',
        },
      })
      while (!(await isReady(member.base))) {
        if (child.exitCode !== null) throw new Error('a node of the bench ended at its start')
        await sleep(20)
      }
      return performance.now() - begun
    },
    stop: async () => {
      if (!child || child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
    memory: async () => {
      const status = await readFile(`/proc/${child?.pid ?? 0}/status`, 'utf8').catch(() => '')
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024
    },
  }
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

export async function send(node: BenchNode, path: string, body: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${node.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
  })
  const answer: Record<string, unknown> = JSON.parse(await response.text())
  if (response.status !== 201) throw new Error(`${path}: ${String(answer.code)} ${String(answer.detail)}`)
  return answer
}

/** How much of a log a node holds, in the read model too. */
export async function visibleOf(node: BenchNode, origin: string): Promise<number> {
  const body: { logs: { origin: string; visible: number }[] } = JSON.parse(
    await (await fetch(`${node.url}/api/v1/logs`)).text(),
  )
  return body.logs.find((log) => log.origin === origin)?.visible ?? 0
}

/** Requests that a node answered so far, by status, out of its own metrics. */
export async function answered(node: BenchNode): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${node.url}/metrics`)).text()
  const counts = new Map<string, number>()
  for (const [, status = '', amount = '0'] of text.matchAll(
    /^csx_http_request_seconds_count\{method="GET",status="(\d+)"\} (\d+)$/gm,
  )) {
    counts.set(status, Number(amount))
  }
  return counts
}
