import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { runProgram } from '../../cli/program.ts'
import type { World } from '../../cli/world.ts'
import type { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { registryText } from '../../fixtures/synthetic/member.ts'
import {
  type RecognitionWorld,
  recognitionTrust,
  witnessedTrust,
} from '../../fixtures/synthetic/recognition.ts'
import { decodeUtf8 } from '../../protocol/bytes.ts'
import { digestOf, sha256Hex } from '../../protocol/hash.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import {
  formatEntryBundle,
  fullWidth,
  parseBundlePath,
  parseTilePath,
  tileWidth,
} from '../../protocol/log/tile.ts'
import { agreementDigest } from '../../protocol/record/agreement-rule.ts'

export const folder = join(tmpdir(), `csx-agreement-${process.pid}`)
export const base = 'http://localhost:7400'
export const file = join(folder, 'recognition.csx.json')

/** A node over logs in memory, with the one answer that names them. */
export class Served {
  readonly world: RecognitionWorld
  /** Kept notes with the quorum, by origin. */
  readonly kept = new Map<string, string[]>()
  readonly instead = new Map<string, () => string | Uint8Array | undefined>()
  readonly requests: string[] = []
  answer: Record<string, unknown>
  /** Whether the caller is of the pair. */
  opens = true

  constructor(world: RecognitionWorld, change: Record<string, unknown> = {}) {
    this.world = world
    const { agreement, west, east, bureau, set } = world
    this.answer = {
      agreement: agreement.id,
      digest: agreementDigest(agreement),
      contains: 'public',
      logs: [west, east, bureau].map((log) => ({
        origin: log.member.origin,
        from: 0,
        path: this.pathOf(log),
      })),
      files: [digestOf(set)],
      ...change,
    }
  }

  private pathOf({ member: { origin } }: SyntheticLog): string {
    return this.world.west.member.origin === origin ? '/log/1' : `/mirror/${sha256Hex(origin)}`
  }

  readonly fetch: typeof globalThis.fetch = async (input) => {
    const path = String(input).slice(base.length)
    this.requests.push(path)
    const instead = this.instead.get(path)
    const body = instead ? instead() : await this.resource(path)
    return body === undefined ? new Response('{}', { status: 404 }) : new Response(Buffer.from(body))
  }

  private async resource(path: string): Promise<string | Uint8Array | undefined> {
    const { agreement, set, west, east, bureau } = this.world
    if (path.startsWith(`/api/v1/agreements/${encodeURIComponent(agreement.id)}/evidence`))
      return JSON.stringify(this.answer)
    if (path === `/blobs/${digestOf(set)}`) return set
    const log = [west, east, bureau].find((one) => path.startsWith(`${this.pathOf(one)}/`))
    return log && this.part(log, path.slice(this.pathOf(log).length + 1))
  }

  private async part(log: SyntheticLog, path: string): Promise<string | Uint8Array | undefined> {
    const kept = this.kept.get(log.member.origin) ?? []
    const [name = '', query = ''] = path.split('?')
    if (name === 'checkpoint') return log.checkpoint()
    if (name === 'witnessed' && query === '') return kept.at(-1)
    if (name === 'witnessed')
      return kept.find((note) => parseHead(note).size > Number(query.slice('after='.length)))
    const size = log.logged.length
    if (name.startsWith('tile/') && !name.startsWith('tile/entries/')) {
      const tile = parseTilePath(name)
      return tileWidth(tile.level, tile.index, size) < tile.width ? undefined : log.readTile(tile)
    }
    const { index, width } = parseBundlePath(name.replace(/^records\//, 'tile/entries/'))
    if (tileWidth(0, index, size) < width) return undefined
    const start = index * fullWidth
    const logged = log.logged.slice(start, start + width)
    if (!name.startsWith('records/')) return formatEntryBundle(logged.map(({ entry }) => entry))
    const salts = new Map(log.openingsFrom(0).map((opening) => [opening.index, opening.salt]))
    return logged
      .map(({ bytes }, i) => ({ index: start + i, text: decodeUtf8(bytes), salt: salts.get(start + i) }))
      .filter(
        ({ index: at, salt }) =>
          at >= Number(query.slice('from='.length)) && (salt === undefined || this.opens),
      )
      .map(
        ({ index: at, text, salt }) =>
          `{"index":${at},"record":${text}${salt === undefined ? '' : `,"salt":"${salt}"`}}\n`,
      )
      .join('')
  }
}

interface Ended {
  readonly exit: number
  readonly out: Uint8Array
  readonly err: string
}

export async function run(
  args: readonly string[],
  fetch: typeof globalThis.fetch,
  now = '2026-06-01T04:00:00Z',
): Promise<Ended> {
  const out: Uint8Array[] = []
  let err = ''
  const world: World = {
    now: () => Date.parse(now),
    random: (bytes) => new Uint8Array(bytes),
    env: {},
    out: (chunk) => void out.push(Buffer.from(chunk as string)),
    err: (text) => {
      err += text
    },
    outIsTerminal: false,
    inIsTerminal: false,
    stdin: async function* () {},
    askLine: async () => '',
    askSecret: async () => '',
    fetch,
    sleep: async () => {},
    interrupted: () => false,
  }
  const exit = await runProgram(args, world)
  return { exit, out: new Uint8Array(Buffer.concat(out)), err }
}

export const plainTrust = join(folder, 'trust.json')
export const strictTrust = join(folder, 'witnessed.json')

/** The folder, while a test file runs: those of one process read this module once. */
export function useFolder(): void {
  beforeAll(() => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(plainTrust, registryText(recognitionTrust().registry))
    writeFileSync(strictTrust, registryText(witnessedTrust().registry))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
}

export const bundle = (served: Served, ...flags: string[]) =>
  run(['bundle', 'recognition', served.world.agreement.id, '--node', base, ...flags], served.fetch)
