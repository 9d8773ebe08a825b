import { setTimeout as sleep } from 'node:timers/promises'
import { percentile, whole } from './measure.ts'
import { answered, type BenchNetwork, layOut, send, visibleOf } from './network.ts'
import { benchBody } from './record.ts'
import { measureReview } from './review.ts'
import { type BenchOptions, goalRow, type Row } from './row.ts'

/** The rows that need nodes, in one network: publishing fills the log that is then synchronised. */
export async function measureExchange(options: BenchOptions): Promise<readonly Row[]> {
  const network = await layOut()
  try {
    await network.publisher.start(3600)
    const rows: Row[] = []
    rows.push(await measureOneByOne(network, options))
    rows.push(await measureBatched(network, options))
    rows.push(...(await measureFirstSync(network, options)))
    rows.push(...(await measureRestart(network, options)))
    rows.push(await measureVisible(network, options))
    rows.push(await measureReview(network, options))
    return rows
  } finally {
    await network.close()
  }
}

async function measureOneByOne({ publisher }: BenchNetwork, { quick, say }: BenchOptions): Promise<Row> {
  const amount = quick ? 200 : 600
  const bodies = Array.from({ length: amount + 50 }, (_, n) => JSON.stringify(benchBody(200_000 + n)))
  for (const body of bodies.splice(0, 50)) await send(publisher, '/api/v1/records', body)
  const times: number[] = []
  const begun = performance.now()
  for (const body of bodies) {
    const before = performance.now()
    await send(publisher, '/api/v1/records', body)
    times.push(performance.now() - before)
  }
  const rate = (1000 * amount) / (performance.now() - begun)
  say(`publish one by one: ${whole(rate)}/s`)
  return goalRow(
    'durable publish, one by one, over HTTP',
    `${whole(rate)}/s (p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms)`,
    '≥ 200/s',
    rate >= 200,
  )
}

const batch = 500

async function measureBatched({ publisher }: BenchNetwork, { quick, say }: BenchOptions): Promise<Row> {
  const amount = quick ? 10_000 : 100_000
  let next = 0
  // Two at once: while one is being written, the other is being expanded and signed.
  const writer = async () => {
    for (let first = next; first < amount; first = next) {
      next += batch
      await send(
        publisher,
        '/api/v1/batches',
        JSON.stringify({ records: Array.from({ length: batch }, (_, i) => benchBody(first + i)) }),
      )
      if (first % 10_000 === 0) say(`published ${whole(first)} of ${whole(amount)}`)
    }
  }
  const begun = performance.now()
  await Promise.all([writer(), writer()])
  const rate = (1000 * amount) / (performance.now() - begun)
  return goalRow(
    `durable publish, batches of ${batch}, over HTTP, the client on the same cores`,
    `${whole(rate)}/s`,
    '≥ 2,000/s',
    rate >= 2_000,
  )
}

async function measureFirstSync(
  { publisher, follower }: BenchNetwork,
  { say }: BenchOptions,
): Promise<readonly Row[]> {
  const { origin } = publisher.member
  const size = await waitFor(async () => {
    const visible = await visibleOf(publisher, origin)
    return visible > 0 && visible === (await signedSize(publisher)) ? visible : undefined
  })
  const memory: number[] = []
  await follower.start(0.05)
  const begun = performance.now()
  let told = 0
  await waitFor(async () => {
    const held = await visibleOf(follower, origin)
    memory.push(await follower.memory())
    if (held - told >= 10_000) {
      told = held
      say(`synchronised ${whole(held)} of ${whole(size)}`)
    }
    return held >= size ? held : undefined
  }, 200)
  const rate = (1000 * size) / (performance.now() - begun)
  const [early, late] = [
    Math.max(...memory.slice(0, Math.ceil(memory.length / 4))),
    Math.max(...memory.slice(-Math.ceil(memory.length / 4))),
  ]
  return [
    goalRow(
      `first sync of ${whole(size)} records, verified and stored, two nodes and two databases on the same cores`,
      `${whole(rate)} records/s`,
      '≥ 3,000/s, not below 2,500',
      rate >= 3_000,
    ),
    goalRow(
      'memory of the following node during it, without PostgreSQL’s',
      `${whole(Math.max(...memory))} MiB (first quarter ${whole(early)}, last quarter ${whole(late)})`,
      '≤ 300 MiB, flat',
      Math.max(...memory) <= 300,
    ),
  ]
}

async function signedSize(node: BenchNetwork['publisher']): Promise<number> {
  return Number((await (await fetch(`${node.url}/log/1/checkpoint`)).text()).split('\n')[1])
}

async function measureRestart(
  { publisher, follower }: BenchNetwork,
  { say }: BenchOptions,
): Promise<readonly Row[]> {
  await follower.stop()
  const before = await answered(publisher)
  const started = await follower.start(0.05)
  await sleep(3_000)
  await follower.stop()
  const after = await answered(publisher)
  const grown = (status: string) => (after.get(status) ?? 0) - (before.get(status) ?? 0)
  // One of the answers is to the first question for these very figures.
  const [unchanged, others] = [
    grown('304'),
    [...after.keys()].filter((status) => status !== '304').reduce((sum, status) => sum + grown(status), -1),
  ]
  say(`restart ${whole(started)} ms, then ${unchanged} × 304 and ${others} other answers`)
  await follower.start(0.05)
  return [
    goalRow(
      'restart with that log, until ready',
      `${(started / 1000).toFixed(1)} s`,
      '≤ 5 s',
      started <= 5_000,
    ),
    goalRow(
      'requests after it and in 3 s of polling with nothing new',
      `${whole(unchanged)} polls, each one request answered 304; ${whole(others)} others`,
      '1 request a poll, 0 bundles fetched again',
      others === 0 && unchanged > 0,
    ),
  ]
}

async function measureVisible(
  { publisher, follower }: BenchNetwork,
  { quick, say }: BenchOptions,
): Promise<Row> {
  const times: number[] = []
  for (let n = 0; n < (quick ? 40 : 200); n += 1) {
    const begun = performance.now()
    const { digest } = await send(publisher, '/api/v1/records', JSON.stringify(benchBody(300_000 + n)))
    await waitFor(
      async () => ((await fetch(`${follower.url}/api/v1/records/${String(digest)}`)).ok ? 1 : undefined),
      4,
    )
    times.push(performance.now() - begun)
  }
  const p99 = percentile(times, 0.99)
  say(`visible at the follower: p99 ${whole(p99)} ms`)
  return goalRow(
    'published → visible at the pair (followers poll every 50 ms; offers come with witnesses)',
    `p50 ${whole(percentile(times, 0.5))} ms, p99 ${whole(p99)} ms`,
    'p99 ≤ 1 s',
    p99 <= 1_000,
  )
}

async function waitFor<T>(look: () => Promise<T | undefined>, pause = 50): Promise<T> {
  const end = performance.now() + 600_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error('the bench waited for ten minutes')
    await sleep(pause)
  }
}
