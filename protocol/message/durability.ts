import type { ProblemCode } from '../error.ts'
import { doNotUse, fixSetting, type Row } from './remedy.ts'

/** Words of codes about what a node is hindered by. */
export const durabilityRows = {
  LOG_LOCKED: [
    '本日志已有另一个进程在写入',
    'another process is writing this log',
    '请先停止另一个进程；只能有一个写入者',
    'stop the other process first: a log has one writer',
  ],
  LOG_FROZEN: [
    '本节点不能证明其状态是最新的，已停止发布',
    'this node cannot prove that its state is the newest it signed; publishing is stopped',
    '请勿删除数据或强行恢复：节点会自行从其他成员处取回自己的条目；若取不回，或签过两个版本，请保留数据目录，并请两地主管局关闭本日志',
    'delete nothing and force nothing: the node recovers its own entries from other members; where it cannot, or signed two versions, keep the data directory and ask both bureaus to close the log',
  ],
  LOG_UNPROVEN: [
    '尚未查明本节点的状态是否为其签过的最新状态，暂不发布',
    'it is not known yet whether this node has the newest state it ever signed; nothing is published until then',
    '请稍候重试：节点正在询问见证方和其他成员；若久无答复，请检查网络',
    'try again in a moment: the witnesses and other members are being asked; if none answers for long, check the network',
  ],
  LOG_CLOSED: [
    '登记册已关闭本日志，不再接受发布',
    'the registry closed this log; nothing is published in it any more',
    '请把登记册所列新一编日志的密钥放入密钥目录；登记册尚未列出的，请两地主管局列出',
    'put the keys of the next epoch, which the registry names, into the key directory; where it names none, have both bureaus name it',
  ],
  LOG_MISMATCH: ['数据库属于另一个日志', 'the database belongs to another log', ...fixSetting],
  CLOCK_WENT_BACK: [
    '时间早于上一条',
    'the time is before that of the entry it follows',
    '请校准服务器时钟',
    'set the clock of the machine',
  ],
  TIME_CONTRADICTED: [
    '条目自称的时间与两地主管局的见证时间不符',
    'the time that the entry states is contradicted by the times of its witnesses',
    ...doNotUse,
  ],
  TIME_IN_FUTURE: ['时间在未来', 'the time lies in the future', '请校准时钟', 'set the clock'],
  LEAF_MISMATCH: ['内容与日志记载不符', 'the contents are not what was logged', ...doNotUse],
  IDEMPOTENCY_CONFLICT: [
    '同一幂等键已用于另一内容',
    'this Idempotency-Key was used for other contents',
    '新的内容请用新的键',
    'use a new key for new contents',
  ],
  VERSION_CONFLICT: [
    '所修订的记录已被他人修订',
    'the record was already revised',
    '请以最新版本为基础重做',
    'start again from the newest version',
  ],
  STORAGE_FULL: [
    '磁盘已满',
    'the disk is full',
    '请清理磁盘，无需重启',
    'free some space; no restart is needed',
  ],
  STORAGE_UNAVAILABLE: [
    '数据库暂不可用',
    'the database is not available',
    '请检查数据库；恢复后自动继续',
    'check the database; work goes on by itself',
  ],
  KEY_UNAVAILABLE: [
    '找不到密钥',
    'the key is not there',
    '请用 csx keygen 生成，或恢复备份的密钥；密封的密钥须由 CSX_PASSPHRASE_FILE 指明口令文件',
    'make one with csx keygen, or restore it from backup; for a sealed one CSX_PASSPHRASE_FILE names the file of its passphrase',
  ],
  KEY_PERMISSIONS: [
    '密钥文件可被他人读取',
    'others can read the key file',
    '请执行 chmod 600',
    'chmod 600 the file',
  ],
  PASSPHRASE_WRONG: [
    '口令不对，或密封的密钥文件已损坏',
    'the passphrase is wrong, or the sealed key file is damaged',
    '请核对口令；确认无误后仍打不开，请恢复备份的密钥文件',
    'check the passphrase; if it is right, restore the key file from backup',
  ],
  CONFIG_INVALID: ['配置有误', 'the settings are wrong', ...fixSetting],
  BLOB_MISSING: [
    '记录所列附件的文件不在本节点',
    'the file that a record names is not here',
    '本单位的附件请用 csx attach 补交；对方的会自动再取',
    'hand in your own with csx attach; those of others are asked for again by themselves',
  ],
  OPENING_LOST: [
    '非公开记录的开启数据已丢失',
    'the opening of a non-public record is lost',
    '请从备份恢复',
    'restore it from backup',
  ],
} as const satisfies Partial<Record<ProblemCode, Row>>
