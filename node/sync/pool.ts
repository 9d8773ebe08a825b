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
 * @param registry the exact bytes of the registry; a new one needs a new pool
 * @param workers how many threads at most; they are started when there is work and end after a minute without
 */
export function createCheckingPool(registry: Uint8Array, workers: number): CheckingPool {
  // The built program runs the compiled worker, the tests the source.
  const filename = new URL(`./worker${extname(import.meta.url)}`, import.meta.url).href
  const pool = new Piscina<Batch, CheckedBatch>({
    filename,
    name: 'check',
    minThreads: 0,
    maxThreads: workers,
    idleTimeout: 60_000,
    workerData: registry,
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  })
  return {
    check: (batch) => pool.run(batch),
    close: () => pool.close(),
  }
}
