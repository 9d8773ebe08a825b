import { encodeHex } from '../../protocol/bytes.ts'
import { canonicalBytes } from '../../protocol/canonical.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { JsonObject } from '../../protocol/json-value.ts'
import type { Signer } from '../../protocol/key.ts'
import { keyIdOf, parseTuf, type TufRole } from '../../protocol/trust/tuf.ts'
import {
  composeSnapshot,
  composeTimestamp,
  nextOnline,
  roleLife,
  signTuf,
} from '../../protocol/trust/tuf-make.ts'
import type { OpenedRegistry } from './chain-files.ts'
import type { Mirror } from './mirror.ts'

/** The keys of a bureau that its node uses by itself. */
export interface OnlineSigners {
  readonly snapshot: Signer
  readonly timestamp: Signer
}

/**
 * Signs snapshot and timestamp again when half of their life is over. They say only that the newest version known here is still the
 * newest; what it says is signed elsewhere, by both bureaus.
 *
 * @returns whether anything was written; the mirror leads to it then
 * @throws {ProtocolError} `KEY_NOT_PINNED` — the root has another key in this role; `REGISTRY_MALFORMED` — the count is at its end
 * @see spec/registry.md, REG-14, REG-707 and REG-708
 */
export async function signOnline(
  { trust, snapshot, timestamp }: OpenedRegistry,
  {
    mirror,
    signers,
    now,
  }: { readonly mirror: Mirror; readonly signers: OnlineSigners; readonly now: number },
): Promise<boolean> {
  for (const role of ['snapshot', 'timestamp'] as const) requireOnlineKey(trust, role, signers[role])
  const [shot, stamp] = [parseTuf('snapshot', snapshot).signed, parseTuf('timestamp', timestamp).signed]
  const isOld = ({ expires }: { readonly expires: string }, life: number) =>
    Date.parse(expires) - now < life / 2
  const renewed = isOld(shot, roleLife.snapshot)
  if (!renewed && !isOld(stamp, roleLife.timestamp)) return false
  const version = renewed ? nextOnline(shot.version, now) : shot.version
  if (renewed) {
    const targets = shot.meta['targets.json'].version
    const next = composeSnapshot(targets, { version, expires: now + roleLife.snapshot })
    await mirror.write(`${version}.snapshot.json`, await signed('snapshot', next, signers.snapshot))
  }
  const next = composeTimestamp(version, {
    version: nextOnline(stamp.version, now),
    expires: now + roleLife.timestamp,
  })
  await mirror.write('timestamp.json', await signed('timestamp', next, signers.timestamp))
  return true
}

function requireOnlineKey({ anchor }: OpenedRegistry['trust'], role: TufRole, { publicKey }: Signer): void {
  if (anchor.root.keys.get(keyIdOf(encodeHex(publicKey.raw)))?.role === role) return
  throw new ProtocolError('KEY_NOT_PINNED', `the root does not know the registry-${role} key of this node`, {
    evidence: { key: publicKey.multibase, root: anchor.root.version },
  })
}

/** Read again before anybody else reads it: behind the last number there is none. */
async function signed(role: TufRole, metadata: JsonObject, signer: Signer): Promise<Uint8Array> {
  const bytes = canonicalBytes(await signTuf(metadata, signer))
  parseTuf(role, bytes)
  return bytes
}
