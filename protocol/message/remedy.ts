/** Chinese and English: what happened, and what to do about it. */
export type Row = readonly [zh: string, en: string, remedyZh: string, remedyEn: string]

/** What is to be done about several codes alike. */
export const askSender = ['请向提供文件的单位重新索取', 'ask whoever sent it for a new copy'] as const
export const askPeer = ['请联系对方机关的信息人员', 'contact the IT person of the other agency'] as const
export const fixField = ['请改正所指的字段后重试', 'correct the field named and try again'] as const
export const fixSetting = ['请按说明改正配置后再启动', 'correct the setting named and start again'] as const
export const waitRetry = ['无需处理，系统会自动重试', 'nothing to do: it is tried again by itself'] as const
export const doNotUse = [
  '请勿采信；保留原件并告知发布机关',
  'do not rely on it; keep the file and tell the issuing agency',
] as const
export const updateTrust = ['请取得较新的登记册后重试', 'get a newer registry and try again'] as const
export const keepEvidence = [
  '请保留两份检查点作为证据并告知两地主管局',
  'keep both checkpoints as evidence and tell both bureaus',
] as const
