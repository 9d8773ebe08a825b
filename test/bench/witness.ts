import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { rootOf } from '../../protocol/log/tree.ts'
import { createNetwork } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { noteOver, offerOf } from '../support/offer.ts'
import { startPeer } from '../support/peer.ts'
import { pairedRegistry, readNote, trustOf } from '../support/witness.ts'
import { percentile } from './measure.ts'
import { type BenchOptions, goalRow, type Row } from './row.ts'

/** Two bureaus and a pair on loopback, each a program with its own database, and a log of a size in memory. */
export async function measureWitness({ quick, say }: BenchOptions): Promise<readonly Row[]> {
  const size = quick ? 10_000 : 100_000
  const large = await startPeer('大日志（合成）')
  say(`a log of ${size} entries in memory`)
  for (let n = 0; n < size; n += 1) large.log.appendFaulty({ n })
  large.misbehave = (_, response) => Boolean(response.writeHead(503).end())
  const names = ['主管局一（合成）', '主管局二（合成）', '璧山（合成）', '眉山（合成）']
  const network = await createNetwork(names, { peers: [large], registry: pairedRegistry })
  try {
    const nodes: TestNode[] = []
    for (const n of names.keys()) nodes.push(await network.start(n, { kind: 'program', pollSeconds: 60 }))
    const [bureau, , agency, partner] = nodes
    if (!bureau || !agency || !partner) throw new Error('four nodes were expected')
    say('published → visible and cosigned at the pair')
    const seen = await measurePair({ agency, partner, trust: network.trust, rounds: quick ? 20 : 100 })
    say(`p99 ${percentile(seen, 0.99).toFixed(0)} ms; offers`)
    const answered: number[] = []
    for (let old = 0, next = size - 50; next <= size; old = next, next += 1) {
      const note = await noteOver(large.log, next, rootOf(next, large.log.readTile))
      const body = await offerOf(large.log, { old, size: next, note })
      const begun = performance.now()
      const answer = await bureau.fetch('/witness/add-checkpoint', { method: 'POST', body })
      if (answer.status !== 200) throw new Error(`an offer was answered ${answer.status}`)
      await answer.text()
      answered.push(performance.now() - begun)
    }
    const [p50, p99] = [percentile(seen, 0.5), percentile(seen, 0.99)]
    const [offer50, offer99] = [percentile(answered, 0.5), percentile(answered, 0.99)]
    return [
      goalRow(
        'published → visible and cosigned at the pair',
        `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
        'p99 ≤ 1 s',
        p99 <= 1000,
      ),
      goalRow(
        `an offer over ${size} entries, answered`,
        `p50 ${offer50.toFixed(1)} ms, p99 ${offer99.toFixed(1)} ms`,
        '≤ 20 ms',
        offer50 <= 20,
      ),
    ]
  } finally {
    await network.close()
    await large.close()
  }
}

interface Pair {
  readonly agency: TestNode
  readonly partner: TestNode
  readonly trust: string
  readonly rounds: number
}

async function measurePair({ agency, partner, trust: text, rounds }: Pair): Promise<readonly number[]> {
  const trust = trustOf(text)
  const { origin } = agency.member
  const seen: number[] = []
  for (let n = 0; n < rounds; n += 1) {
    const begun = performance.now()
    const { digest } = await agency.publish(syntheticStandard(n))
    for (;;) {
      const note = await (await partner.fetch(`/mirror/${sha256Hex(origin)}/checkpoint`)).text()
      const shown = note.startsWith(origin) ? readNote(note, origin, trust) : undefined
      if (shown && shown.size > n && shown.witnessed && (await partner.fetch(`/records/${digest}`)).ok) break
      await sleep(5)
    }
    seen.push(performance.now() - begun)
  }
  return seen
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const quick = process.argv.includes('--quick')
  const rows = await measureWitness({ quick, say: (line) => process.stderr.write(`… ${line}\n`) })
  for (const { what, measured, goal } of rows) process.stdout.write(`${what}: ${measured} (goal ${goal})\n`)
}
