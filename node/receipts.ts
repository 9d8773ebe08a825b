import { ProtocolError } from '../protocol/error.ts'
import type { JsonObject, JsonValue } from '../protocol/json-value.ts'
import type { PublishOptions } from './api/app.ts'
import type { Deps } from './deps.ts'
import { type DueReceipt, listDueReceipts } from './projection/due-receipt.ts'
import type { Undo } from './storage.ts'
import type { Database } from './store/database.ts'

export interface ReceiptOptions {
  readonly deps: Pick<Deps, 'logger'>
  readonly database: Database
  /** The origin of the own log. */
  readonly own: string
  readonly publish: (drafts: readonly JsonValue[], options: PublishOptions) => Promise<unknown>
  readonly undo: Undo[]
}

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
export function startReceipts({ deps, database, own, publish, undo }: ReceiptOptions): Receipts {
  let running: Promise<void> | undefined
  let again = false
  let stopped = false

  async function run(): Promise<void> {
    do {
      again = false
      for (const due of await listDueReceipts(database, own)) {
        if (stopped) return
        await publish([draftOf(due)], { waitVisible: false, pointerOf: () => '' }).catch((error: unknown) => {
          const code = error instanceof ProtocolError ? error.code : 'INTERNAL'
          deps.logger.warn({ origin: due.origin, index: due.index, code }, 'a receipt could not be logged')
        })
      }
    } while (again && !stopped)
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

function draftOf({ origin, index, digest, audience, synthetic }: DueReceipt): JsonObject {
  return {
    type: 'Receipt',
    tier: 'pair',
    audience,
    ...(synthetic ? { synthetic } : {}),
    credentialSubject: { origin, index, digest },
  }
}
