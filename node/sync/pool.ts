import { extname } from 'node:path'
import { Piscina } from 'piscina'
import type { CheckedBatch } from '../projection/checked.ts'
import type { Batch } from './batch.ts'

/** Checks batches beside the event loop, so that a long sync never makes a page wait. */
export interface CheckingPool {
  check(batch: Batch): Promise<CheckedBatch>
  close(): Promise<void>
}

/**
 * A newer registry gets threads of its own: what was begun under the old one ends under it.
 *
 * @param registry the exact bytes of the registry that counts now
 * @param workers how many threads at most; they are started when there is work and end after a minute without
 */
export function createCheckingPool(registry: () => Uint8Array, workers: number): CheckingPool {
  let current = { registry: registry(), pool: startPool(registry(), workers) }
  const ending = new Set<Promise<void>>()

  function poolNow(): Piscina<Batch, CheckedBatch> {
    const bytes = registry()
    if (bytes !== current.registry) {
      const closing: Promise<void> = current.pool.close().finally(() => ending.delete(closing))
      ending.add(closing)
      current = { registry: bytes, pool: startPool(bytes, workers) }
    }
    return current.pool
  }

  return {
    check: (batch) => poolNow().run(batch),
    close: async () => {
      await Promise.all([current.pool.close(), ...ending])
    },
  }
}

function startPool(registry: Uint8Array, workers: number): Piscina<Batch, CheckedBatch> {
  // The built program runs the compiled worker, the tests the source.
  const filename = new URL(`./worker${extname(import.meta.url)}`, import.meta.url).href
  return new Piscina<Batch, CheckedBatch>({
    filename,
    name: 'check',
    minThreads: 0,
    maxThreads: workers,
    idleTimeout: 60_000,
    workerData: registry,
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  })
}
