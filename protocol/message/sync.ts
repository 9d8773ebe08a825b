import type { ProblemCode } from '../error.ts'
import { askPeer, fixSetting, keepEvidence, type Row, waitRetry } from './remedy.ts'

/** Words of codes about following another’s log. */
export const syncRows = {
  LOG_ROLLBACK: ['对方日志倒退', 'the log of the peer went back', ...keepEvidence],
  LOG_EQUIVOCATION: ['对方日志出现两个版本', 'the peer signed two versions of its log', ...keepEvidence],
  SEQUENCE_GAP: ['日志条目有缺口', 'entries are missing in between', ...askPeer],
  RECORD_UNAVAILABLE: ['公开记录暂时取不到', 'a public record cannot be had now', ...waitRetry],
  QUARANTINED: ['记录未通过核验，已隔离', 'the record failed its checks and is kept apart', ...askPeer],
  PENDING_DEPENDENCY: ['等待所依赖的记录', 'waits for a record it depends on', ...waitRetry],
  RESPONSE_TOO_LARGE: ['对方的回答过大', 'the answer of the peer is too large', ...askPeer],
  PEER_TIMEOUT: ['对方超时', 'the peer did not answer in time', ...waitRetry],
  PEER_TOO_SLOW: ['对方过慢', 'the peer is too slow', ...waitRetry],
  PEER_UNAVAILABLE: ['无法连接对方', 'the peer cannot be reached', ...waitRetry],
  TLS_FAILED: ['安全连接失败', 'the secure connection failed', ...askPeer],
  PAGE_MALFORMED: ['对方的数据页有误', 'a page of the peer is malformed', ...askPeer],
  ADDRESS_FORBIDDEN: ['地址不许可', 'the address is not allowed', ...fixSetting],
  REDIRECT_REFUSED: ['拒绝转向其他地址', 'a redirect to another address is refused', ...askPeer],
  SYNC_RUNNING: ['同步正在进行', 'a sync is already running', ...waitRetry],
  CURSOR_AHEAD: [
    '副本比本机已有的内容旧',
    'the copy is older than what was seen here',
    '没有丢失任何内容；请换上较新的副本',
    'nothing is lost; bring a newer copy',
  ],
} as const satisfies Partial<Record<ProblemCode, Row>>
