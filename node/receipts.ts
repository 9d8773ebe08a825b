import { legalDateOf } from '../protocol/date.ts'
import { ProtocolError } from '../protocol/error.ts'
import type { JsonObject, JsonValue } from '../protocol/json-value.ts'
import { grantsOf } from '../protocol/trust/audience.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import type { PublishOptions } from './api/app.ts'
import type { Deps } from './deps.ts'
import { type DueReceipt, type DueReceiptQuery, listDueReceipts } from './projection/due-receipt.ts'
import type { Undo } from './storage.ts'
import type { Database } from './store/database.ts'

export interface ReceiptOptions {
  readonly deps: Pick<Deps, 'logger' | 'now'>
  readonly database: Database
  readonly trust: () => Trust
  /** The origin of the own log. */
  readonly own: string
  readonly publish: (drafts: readonly JsonValue[], options: PublishOptions) => Promise<unknown>
  readonly undo: Undo[]
}

/** Acts that are looked for at once, and failures that are remembered so as to tell each once. */
const together = 100
const mostTold = 10_000

/** Logs a receipt for each act of a pair that came from the other party. Made by `startReceipts`. */
export interface Receipts {
  /** Something came. */
  wake(): void
}

/**
 * What the other party of a pair does takes effect for others when it was provably here: so this node says so, in its own log and for the
 * pair alone, once for each act. What cannot be logged now is tried again when something else comes.
 *
 * @see spec/tier.md, TIER-70
 */
export function startReceipts(options: ReceiptOptions): Receipts {
  const { deps, database, own, publish, undo } = options
  const told = new Set<string>()
  let running: Promise<void> | undefined
  let again = false
  let stopped = false

  async function run(): Promise<void> {
    do {
      again = false
      let after: DueReceipt | undefined
      // What cannot be logged stays, and those behind it are not kept waiting.
      for (let more = true; more && !stopped; ) {
        const page = await listDueReceipts(database, { own, pairs: pairsOf(options), after, limit: together })
        for (const due of page) if (!stopped) await log(due)
        after = page.at(-1)
        more = page.length === together
      }
    } while (again && !stopped)
  }

  async function log(due: DueReceipt): Promise<void> {
    const { origin, index } = due
    try {
      await publish([draftOf(due)], { waitVisible: false, pointerOf: () => '' })
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : 'INTERNAL'
      const name = `${origin} ${index} ${code}`
      deps.logger[told.has(name) ? 'debug' : 'warn']({ origin, index, code }, 'a receipt could not be logged')
      if (told.size < mostTold) told.add(name)
    }
  }

  function wake(): void {
    again = true
    if (stopped) return
    running ??= run()
      .catch((error: unknown) => deps.logger.error({ err: error }, 'receipts could not be looked for'))
      .finally(() => {
        running = undefined
      })
  }

  undo.push(async () => {
    stopped = true
    await running
  })
  wake()
  return { wake }
}

/** The logs of those with whom this node's member is a pair today. */
function pairsOf({ deps, trust, own }: ReceiptOptions): DueReceiptQuery['pairs'] {
  const known = trust()
  const self = known.logs.get(own)?.member
  const day = legalDateOf(deps.now())
  if (!self) return []
  return [...known.logs].flatMap(([origin, { member }]) => {
    const grants = member.id === self.id ? [] : grantsOf(known, self, { member, day })
    if (grants === 'all') return []
    return grants.flatMap(({ tier, audience }) =>
      tier === 'pair' && audience !== undefined ? [{ origin, audience }] : [],
    )
  })
}

function draftOf({ origin, index, digest, audience, synthetic }: DueReceipt): JsonObject {
  return {
    type: 'Receipt',
    tier: 'pair',
    audience,
    ...(synthetic ? { synthetic } : {}),
    credentialSubject: { origin, index, digest },
  }
}
