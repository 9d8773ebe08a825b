import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { whole } from './measure.ts'
import { type BenchOptions, goalRow, type Row } from './row.ts'

const names = ['ed25519', 'ours', 'jcs', 'rdfc'] as const
type Name = (typeof names)[number]

/**
 * Row "verify records in bulk": from exact bytes to a typed, verified record, on one thread, beside the machine's own Ed25519 rate
 * and beside `@digitalbazaar/vc` over the same records, contexts and runtime. The best of several rounds of each; they take turns,
 * so that what else the machine does meets all of them alike.
 */
export async function measureVerify({ quick, say }: BenchOptions): Promise<readonly Row[]> {
  const children = new Map<Name, ChildProcess>()
  try {
    for (const name of names) {
      const child = fork(fileURLToPath(new URL('contender.ts', import.meta.url)), [name])
      children.set(name, child)
      await answerOf(child)
    }
    const best: Record<Name, number> = { ed25519: 0, ours: 0, jcs: 0, rdfc: 0 }
    for (let round = 0; round < (quick ? 12 : 25); round += 1) {
      for (const [name, child] of children) {
        child.send('go')
        const rate = await answerOf(child)
        // The first rounds are for the compiler.
        if (round > 2) best[name] = Math.max(best[name], Number(rate))
      }
    }
    say(`verify: ${names.map((name) => `${name} ${whole(best[name])}`).join(', ')} /cpu-s`)
    return rowsOf(best)
  } finally {
    for (const child of children.values()) child.disconnect()
  }
}

/** A child that ends by itself must not be waited for. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const answered = new AbortController()
  const { signal } = answered
  try {
    const [answer]: unknown[] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() => Promise.reject(new Error('a contender ended'))),
    ])
    return answer
  } finally {
    answered.abort()
  }
}

function rowsOf({ ed25519, ours, jcs, rdfc }: Readonly<Record<Name, number>>): readonly Row[] {
  return [
    goalRow(
      'verify records in bulk (2.6 KB each, one core)',
      `${whole(ours)} /cpu-s = ${((100 * ours) / ed25519).toFixed(1)} % of Ed25519 (${whole(ed25519)} /cpu-s)`,
      '≥ 70 %, never below 55 %',
      ours >= 0.7 * ed25519,
    ),
    goalRow(
      'the same beside @digitalbazaar/vc, eddsa-rdfc-2022',
      `${(ours / rdfc).toFixed(1)} × (${whole(rdfc)} /cpu-s)`,
      '≥ 10 ×',
      ours >= 10 * rdfc,
    ),
    goalRow(
      'the same beside @digitalbazaar/vc, eddsa-jcs-2022',
      `${(ours / jcs).toFixed(2)} × (${whole(jcs)} /cpu-s)`,
      '≥ 1.7 ×',
      ours >= 1.7 * jcs,
    ),
  ]
}
