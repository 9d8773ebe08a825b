import { encodeBase64 } from './bytes.ts'
import { ProtocolError } from './error.ts'
import { type OpenedEvidence, parseEvidence, verifyLeaves, verifySigner } from './evidence.ts'
import { formatVerifierKey } from './log/note.ts'
import { nameAt } from './trust/registry.ts'
import type { Trust, TrustedLog } from './trust/trust.ts'
import { findLog } from './trust/validity.ts'
import { Argument, argueDigest, type Verdict, type VerifyOptions, verdictOf } from './verdict.ts'
import { describeTrust, requireVersion } from './verify-registry.ts'

/**
 * Verifies evidence of equivocation offline, with the log's key alone.
 *
 * `verified` proves: one key that the registry names for this log signed two heads that cannot both be of a log that only grows. It
 * accuses the key. It does not prove who held the key, nor which of the two histories is the true one.
 *
 * Never throws for what is in the file.
 *
 * @see spec/evidence.md, EVID-7
 */
export function verifyEvidence(bytes: Uint8Array, options: VerifyOptions): Verdict {
  const argument = new Argument()
  const opened = argueForm(argument, bytes)
  if (opened) {
    const trust = argueTrust(argument, options)
    const log = argueLog(argument, opened, trust)
    argueSigner(argument, opened, log)
    argueLeaves(argument, opened)
  }
  return { verdict: verdictOf(argument.findings), findings: argument.findings }
}

function argueForm(argument: Argument, bytes: Uint8Array): OpenedEvidence | undefined {
  const opened = argument.step(
    'form',
    () => parseEvidence(bytes),
    ({ evidence, checkpoints: [{ size }] }) =>
      evidence.kind === 'leaf'
        ? {
            zh: `分叉证据：日志 ${evidence.origin} 第${evidence.index}条有两个版本`,
            en: `evidence of equivocation: entry ${evidence.index} of ${evidence.origin} in two versions`,
          }
        : {
            zh: `分叉证据：日志 ${evidence.origin} 在规模${size}处有两个根`,
            en: `evidence of equivocation: two roots of ${evidence.origin} at size ${size}`,
          },
  )
  if (!opened) return undefined
  argueDigest(argument, opened)
  return opened
}

/** A policy of witnesses is no matter here: the accused is the log's own key. */
function argueTrust(argument: Argument, options: VerifyOptions): Trust | undefined {
  const { trust: given, pinned } = options
  return argument.step(
    'trust',
    () => {
      if (given) return requireVersion(given, options)
      throw new ProtocolError(
        'NOT_TRUSTED',
        pinned
          ? 'evidence brings no registry: give the chain of one, as a node serves it, in place of the root'
          : 'no root of trust was given; it never comes from the file itself',
      )
    },
    (trust) => describeTrust(trust, { unused: false }),
  )
}

function argueLog(
  argument: Argument,
  { evidence }: OpenedEvidence,
  trust: Trust | undefined,
): TrustedLog | undefined {
  if (!trust) {
    argument.skip('issuer')
    return undefined
  }
  return argument.step(
    'issuer',
    () => findLog(trust, evidence.origin),
    ({ member }) => ({
      zh: `该日志属于 ${nameAt(member.profile, '9999-12-31')}（${member.id}）`,
      en: `the log of ${member.id}`,
    }),
  )
}

function argueSigner(argument: Argument, opened: OpenedEvidence, log: TrustedLog | undefined): void {
  if (!log) {
    argument.skip('checkpoint')
    return
  }
  const heads = opened.checkpoints.map(({ size, root }) => `${size} ${encodeBase64(root)}`)
  const [first = '', second = ''] = heads
  argument.step(
    'checkpoint',
    () =>
      verifySigner(
        opened,
        log.keys.map(({ key }) => key),
      ),
    (key) => ({
      zh: `此日志的密钥 ${formatVerifierKey(key)} 签署了两段互不相容的历史：${first} 与 ${second}`,
      en: `the key of this log signed two histories: ${first} and ${second}`,
    }),
  )
}

/** Needs no key: that the leaves stand under these roots is seen by hashing. */
function argueLeaves(argument: Argument, opened: OpenedEvidence): void {
  if (opened.evidence.kind === 'same-size') return
  const { index } = opened.evidence
  argument.step(
    'inclusion',
    () => verifyLeaves(opened),
    () => ({
      zh: `第${index}条：两个不同的条目，各在其中一个检查点之下`,
      en: `entry ${index}: two different leaves, each proven under one of the notes`,
    }),
  )
}
