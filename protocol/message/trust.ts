import type { ProblemCode } from '../error.ts'
import { askPeer, askSender, doNotUse, fixField, type Row, updateTrust } from './remedy.ts'

/** Words of codes about keys and the registry. */
export const trustRows = {
  KEY_MALFORMED: ['密钥格式有误', 'the key is malformed', ...askSender],
  KEY_NOT_FOUND: ['登记册中没有这个密钥', 'the registry does not know this key', ...doNotUse],
  KEY_CONTROLLER_MISMATCH: ['密钥属于另一机关', 'the key belongs to another agency', ...doNotUse],
  KEY_NOT_VALID_AT_TIME: [
    '密钥在此位置无效',
    'the key is not valid at this place',
    '请勿采信；本机关发布时，请把登记册所列的密钥放入密钥目录',
    'do not rely on it; to publish, put the key that the registry names into the key directory',
  ],
  KEY_COMPROMISED: ['密钥已泄露', 'the key was compromised', ...doNotUse],
  KEY_NOT_PINNED: ['密钥未被登记', 'the key is not pinned', ...updateTrust],
  ISSUER_MISMATCH: [
    '发布机关与签名或日志不符',
    'the issuer is not the one of the signature or log',
    ...doNotUse,
  ],
  NOT_TRUSTED: [
    '没有可信的根，或不是可信的那一个',
    'no root of trust, or another one than is trusted',
    '请从可靠途径核对根的指纹：核验时用 --trust 指定；签署或发布登记册时不符，请停手并告知对方局',
    'check the fingerprint of the root by a reliable way: to verify, give it with --trust; in signing or publishing a registry, stop and tell the other bureau',
  ],
  NOT_A_MEMBER: ['登记册中没有该机关或日志', 'the registry does not know this agency or log', ...updateTrust],
  MEMBER_SUSPENDED: ['该机关当时已被暂停', 'the agency was suspended at that time', ...doNotUse],
  NOT_WITNESSED: [
    '缺少所要求的见证',
    'the required witnesses are missing',
    '请索取含见证签名的文件',
    'ask for a file with the cosignatures',
  ],
  DID_MALFORMED: ['DID 格式有误', 'the DID is malformed', ...fixField],
  DID_MISMATCH: ['DID 不符', 'the DID is another', ...askPeer],
  REGISTRY_MALFORMED: [
    '登记册有误',
    'the registry is malformed',
    '请重新取得登记册，或按所示位置更正',
    'get the registry again, or mend it at the place shown',
  ],
  POLICY_MALFORMED: [
    '见证策略有误',
    'the witness policy is malformed',
    '请按所指的行改正策略',
    'correct the policy at the line named',
  ],
  REGISTRY_ROLLBACK: [
    '登记册版本倒退',
    'an older registry was offered',
    '请沿用较新的登记册；若不是误用了旧稿，请保留所收到的文件并告知两地主管局',
    'go on with the newer one; if it was not an old draft by mistake, keep what was received and tell both bureaus',
  ],
  REGISTRY_STALE: [
    '登记册已过期',
    'the registry has expired',
    '请取得较新的登记册后重试；发布登记册的主管局，请两局重新签署',
    'get a newer registry and try again; a bureau that publishes has both bureaus sign again',
  ],
  THRESHOLD_NOT_MET: [
    '登记册签名不足',
    'the registry lacks signatures',
    '须由两局共同签署',
    'both bureaus must sign',
  ],
} as const satisfies Partial<Record<ProblemCode, Row>>
