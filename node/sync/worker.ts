import { workerData } from 'node:worker_threads'
import { parseRegistry } from '../../protocol/trust/registry.ts'
import { openTrust } from '../../protocol/trust/trust.ts'
import type { CheckedBatch } from '../projection/checked.ts'
import { type Batch, checkBatch } from './batch.ts'

/** Piscina hands the pool's data over as the second of a pair. */
function registryBytes(data: unknown): Uint8Array {
  const given: unknown = Array.isArray(data) ? data[1] : data
  if (given instanceof Uint8Array) return given
  throw new TypeError('the worker was started without a registry')
}

const { registry, fingerprint } = parseRegistry(registryBytes(workerData))
const trust = openTrust(registry, fingerprint)

/** The task of the pool; the only function a worker runs. */
export function check(batch: Batch): CheckedBatch {
  return checkBatch(batch, trust)
}
