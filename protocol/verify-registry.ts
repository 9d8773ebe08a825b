import { encodeUtf8 } from './bytes.ts'
import { canonicalBytes } from './canonical.ts'
import { ProtocolError } from './error.ts'
import type { OpenedCheckpoint } from './log/checkpoint.ts'
import { type PublicEntry, parseEntry } from './log/entry.ts'
import { leafHash, verifyInclusion } from './log/merkle.ts'
import { parseTlogProof } from './log/tlog-proof.ts'
import { isRegistryVersion } from './record/schema.ts'
import { asksForWitnesses, requireWitnesses, type Witnessed } from './trust/cosigner.ts'
import {
  continues,
  type LoggedVersion,
  openRegistryChain,
  type RegistryChain,
} from './trust/registry-chain.ts'
import type { Anchor, Trust } from './trust/trust.ts'
import { findLog } from './trust/validity.ts'
import type { Text, VerifyOptions } from './verdict.ts'
import { verifyLoggedRecord } from './verify.ts'
import { openWithTrust, requireClosedSize } from './verify-checkpoint.ts'

/**
 * The registry that a verdict rests on: the one the reader has, or the one that came with the file when it leads from the same pinned
 * root, was logged by both bureaus, and is newer.
 *
 * Proves of the one that came: both bureaus signed it (REG-5 to REG-7), and, where it asks for witnesses, both logged it before its
 * signatures expired, as those witnesses saw. Which keys those logs and witnesses have is by the newer registry's own word, so that both
 * bureaus' entries show no more than that its signers stood by it in public; a reader who has an older registry under a root learns
 * beyond the signatures that its roots lead by way of the one that he knows, and nothing else.
 *
 * @throws {ProtocolError} `NOT_TRUSTED` `REGISTRY_STALE` `REGISTRY_ROLLBACK` `THRESHOLD_NOT_MET` `INCLUSION_MISSING` `DIGEST_MISMATCH`, and as `openRegistryChain`
 * @see spec/verify.md, VERIFY-3 and VERIFY-31; spec/registry.md, REG-8 and REG-9
 */
export function chooseTrust(options: VerifyOptions, chain?: RegistryChain): Trust {
  const { trust: given } = options
  const pinned = given ? given.anchor?.pinned : options.pinned
  const brought = chain && pinned ? openRegistryChain(chain, pinned) : undefined
  // What is not newer than the reader's own is not gone by, and so needs no entries.
  const chosen = chain && brought && isNewer(brought, given) ? requireLogged(brought, chain) : given
  if (!chosen)
    throw new ProtocolError(
      'NOT_TRUSTED',
      pinned
        ? 'the file brings no registry that leads from the pinned root'
        : 'no root of trust was given; it never comes from the file itself',
    )
  return requireVersion(chosen, options)
}

/** @throws {ProtocolError} `REGISTRY_STALE` — an older version than the reader asks for */
export function requireVersion(trust: Trust, { registryAtLeast = 0 }: VerifyOptions): Trust {
  const { version } = trust.registry
  if (version >= registryAtLeast) return trust
  throw new ProtocolError(
    'REGISTRY_STALE',
    `version ${version} of the registry is older than was asked for`,
    { evidence: { version, asked: registryAtLeast } },
  )
}

function isNewer(brought: Trust & { readonly anchor: Anchor }, given: Trust | undefined): boolean {
  if (!given) return true
  const [known, offered] = [given.registry.version, brought.registry.version]
  if (known === offered && given.fingerprint !== brought.fingerprint)
    throw new ProtocolError('REGISTRY_ROLLBACK', 'two registries of one version', {
      place: { pointer: '/registry' },
      evidence: { version: known },
    })
  if (offered <= known) return false
  // Keys that were rotated out since could have signed it.
  if (given.anchor && !continues(brought.anchor, given.anchor))
    throw new ProtocolError(
      'THRESHOLD_NOT_MET',
      'a newer registry that does not come by the root that is known',
      {
        place: { pointer: '/registry/roots' },
      },
    )
  return true
}

/** Holds an opened chain to its entries in the logs of both bureaus. */
function requireLogged(
  trust: Trust & { readonly anchor: Anchor },
  { logged: entries }: RegistryChain,
): Trust {
  if (!asksForWitnesses(trust)) return trust
  const { root, targets } = trust.anchor
  const logged = root.bureaus.map((bureau) => {
    const found = entries.find((entry) => logOwner(trust, entry) === bureau)
    if (!found)
      throw new ProtocolError(
        'INCLUSION_MISSING',
        'the file does not show that both bureaus logged the registry',
        {
          place: { pointer: '/registry/logged' },
          evidence: { missing: bureau },
        },
      )
    return checkLogged(trust, found)
  })
  // Each bureau's log is witnessed by the other, so that the later word is one that neither makes alone.
  const loggedBy = Math.max(...logged.map(({ since }) => since)) * 1000
  const expires = Math.min(root.expires, Date.parse(targets.signed.expires))
  // An earlier note may show that it was there in time: this one is only late.
  if (loggedBy > expires)
    throw new ProtocolError('REGISTRY_STALE', 'nobody is shown to have seen the registry before it expired', {
      place: { pointer: '/registry/targets' },
      evidence: { loggedBy: new Date(loggedBy).toISOString(), expires: new Date(expires).toISOString() },
    })
  return trust
}

function logOwner(trust: Trust, { entry }: LoggedVersion): string | undefined {
  return trust.logs.get(readEntry(entry).log)?.member.id
}

function readEntry(text: string): PublicEntry {
  const entry = parseEntry(encodeUtf8(text))
  if (entry.tier === 'public') return entry
  throw new ProtocolError('LEAF_MISMATCH', 'a version of the registry is logged in public')
}

/** The entry of one bureau: its record names this very registry, and stands in a tree that was witnessed. */
function checkLogged(trust: Trust, { entry: text, proof, record }: LoggedVersion): Witnessed {
  const entry = readEntry(text)
  const { index, path, extra, checkpoint } = parseTlogProof(proof)
  if (extra) throw new ProtocolError('PROOF_MALFORMED', 'extra data in a proof, for which nothing vouches')
  const opened: OpenedCheckpoint = openWithTrust(checkpoint, entry.log, trust)
  const { size, root } = opened.checkpoint
  requireClosedSize(findLog(trust, entry.log), size)
  verifyInclusion({ leaf: leafHash(encodeUtf8(text)), index, size, path, root })
  if (entry.index !== index)
    throw new ProtocolError('INDEX_MISMATCH', 'the proof is for another index', { place: { index } })
  const verified = verifyLoggedRecord(entry, canonicalBytes(record), trust)
  const stated = isRegistryVersion(verified.record) ? verified.record.credentialSubject : undefined
  if (stated?.digest !== trust.fingerprint)
    throw new ProtocolError('DIGEST_MISMATCH', 'the bureau logged another registry', {
      place: { pointer: '/registry/logged' },
      evidence: { logged: stated?.digest ?? '', found: trust.fingerprint },
    })
  return requireWitnesses(trust, opened)
}

/**
 * The line of the argument about the root of trust.
 *
 * @param unused whether the file brought a registry that is not gone by: nothing else says so, and nothing vouches for it
 */
export function describeTrust(trust: Trust, { unused }: { readonly unused: boolean }): Text {
  const { registry, anchor, fingerprint } = trust
  const asked = asksForWitnesses(trust)
  const zh = `${asked ? '要求见证' : '策略 none（未要求见证）'}${unused ? '；文件所附登记册未采用' : ''}`
  const en = `${asked ? 'witnesses asked for' : 'policy none (no witnesses asked for)'}${unused ? '; the registry in the file is not gone by' : ''}`
  if (!anchor)
    return {
      zh: `信任根 ${fingerprint}，版本${registry.version}，${zh}`,
      en: `root of trust ${fingerprint}, version ${registry.version}, ${en}`,
    }
  return {
    zh: `信任根 ${anchor.pinned}，登记册第${registry.version}版 ${fingerprint}，由 ${anchor.root.bureaus.join(' 与 ')} 共同签署，${zh}`,
    en: `root of trust ${anchor.pinned}, registry version ${registry.version}, signed by both bureaus, ${en}`,
  }
}
