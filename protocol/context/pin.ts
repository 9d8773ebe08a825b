import type { Digest } from '../hash.ts'
import { credentialsContext, exchangeContext } from './name.ts'

/** SHA-256 of the canonical form (RFC 8785) of our context: also stated by every registry. */
export const exchangeContextPin: Digest =
  'sha256:f007865049fd3cc8852a525f55416a4506d7d5518ae3046a394e55adbcbb3f55'

/** Digests of the canonical form of each context that the program knows. Nothing else is ever loaded. */
export const contextPins: ReadonlyMap<string, Digest> = new Map<string, Digest>([
  [credentialsContext, 'sha256:b463c8d6a066214123ddd9827b135e1b50e1fc73322cc52a9b12a4f1fc7d86cf'],
  [exchangeContext, exchangeContextPin],
])
