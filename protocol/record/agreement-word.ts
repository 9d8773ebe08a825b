import type { Label } from './vocabulary.ts'

export const agreementKindWords = {
  recognition: { zh: '互认', en: 'recognition' },
  interconnection: { zh: '互通', en: 'interconnection' },
  reuse: { zh: '互用', en: 'reuse' },
} as const satisfies Record<string, Label>

/** What an agreement does when a pinned edition is revised. */
export const revisionRules = {
  lapse: { zh: '失效', en: 'lapses at once' },
  grace: { zh: '宽限', en: 'lapses after the days of grace' },
} as const satisfies Record<string, Label>

/** How a standard of the other is used. */
export const manners = {
  'direct-use': { zh: '直接执行', en: 'applied as it stands' },
  'local-standard': { zh: '转化为本地标准', en: 'made into a local standard' },
  'clause-citation': { zh: '引用条款', en: 'cited by clause' },
  training: { zh: '培训采用', en: 'used in training' },
} as const satisfies Record<string, Label>

/** Grounds on which a standard may be used without a recognition. */
export const grounds = {
  national: { zh: '国家标准', en: 'a national standard' },
  industry: { zh: '行业标准', en: 'an industry standard' },
  'own-region': { zh: '本地区标准', en: 'a standard of the own region' },
} as const satisfies Record<string, Label>
