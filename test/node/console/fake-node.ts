import { SyntheticLog, syntheticId } from '../../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { type ConsoleOptions, createConsole } from '../../../node/console/app.ts'
import type {
  Catalogue,
  LogSummary,
  QuarantinedEntry,
  StandardDetail,
} from '../../../node/projection/port.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { legalDateOf } from '../../../protocol/date.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { parseBaseUrl } from '../../../protocol/identifier/name.ts'
import { canonicalKey, parseStandardNumber } from '../../../protocol/identifier/standard-number.ts'
import { type Draft, parseDraft } from '../../../protocol/record/draft.ts'
import type { LifecycleEvent, StandardRecord } from '../../../protocol/record/envelope.ts'
import { warningsOf } from '../../../protocol/record/rule.ts'
import { parseRecord } from '../../../protocol/record/schema.ts'
import { lifecycleAt } from '../../../protocol/standing/lifecycle.ts'
import { verifyBundle } from '../../../protocol/verify-bundle.ts'

export const now = Date.UTC(2026, 6, 1, 2)
const day = legalDateOf(now)

export const nodeName = '璧山区机关事务管理局（演示节点）'

/** A real standard, by its facts alone (DOMAIN, section 5). */
export function realStandard(value: string, titleZh: string, extra: Record<string, unknown> = {}): Draft {
  const numbers = value.split(' / ')
  const { sourceNote, ...subject } = extra
  return parseDraft({
    type: 'StandardRecord',
    tier: 'public',
    sourceNote: (sourceNote as never) ?? { text: '封面与目次', confidence: 'high' },
    credentialSubject: {
      identifiers: numbers.map((number) => ({
        scheme: number.startsWith('GB') ? 'GB' : 'DB-P',
        value: number,
        canonicalKey: canonicalKey(parseStandardNumber(number)),
      })),
      titleZh,
      level: value.startsWith('GB') ? 'national' : 'provincial',
      mandate: 'recommended',
      class: 'logistics',
      ...subject,
    } as never,
  })
}

const municipalBureau = { nameZh: '重庆市机关事务管理局', divisionCode: '500000' }
const provincialBureau = { nameZh: '四川省机关事务管理局', divisionCode: '510000' }

export const realStandards: readonly Draft[] = [
  realStandard('DB50/T 1055—2020', '公务用车信息化平台管理规范', {
    class: 'informatization',
    documentKind: 'specification',
    matters: ['official-vehicles', 'information'],
    ics: ['35.240'],
    ccs: ['L04'],
    publishedOn: '2020-11-01',
    effectiveOn: '2021-02-01',
    publishers: [{ nameZh: '重庆市市场监督管理局', divisionCode: '500000' }],
    proposers: [municipalBureau],
    custodians: [municipalBureau],
    sourceNote: { text: 'bzchaxun 封面', url: 'https://example.org/db50-1055?a=1&b=2', confidence: 'high' },
  }),
  realStandard('DB50/T 1056—2020', '党政机关物业管理服务规范', {
    ics: ['03.080'],
    ccs: ['A16'],
    matters: ['property'],
    publishedOn: '2020-11-01',
    effectiveOn: '2021-02-01',
    clauses: [
      { uid: 'c4-1', locator: '4.1', heading: '服务机构' },
      { uid: 'c5-1', locator: '5.1', heading: '保洁服务', clauseType: 'requirement' },
    ],
  }),
  realStandard('DB50/T 10004—2023 / DB51/T 10004—2023', '川渝区域一体化公务用车社会化保障管理规范', {
    publishedOn: '2023-01-29',
    effectiveOn: '2023-04-16',
    matters: ['official-vehicles'],
    proposers: [municipalBureau, provincialBureau],
    normativeRefs: [{ value: 'GB/T 41568', canonicalKey: 'GB/T 41568', dated: false }],
  }),
  realStandard('DB51/T 2620—2019', '公共机构节水规范', {
    class: 'energy',
    publishedOn: '2019-10-25',
    effectiveOn: '2019-01-01',
  }),
  realStandard('GB/T 41568—2022', '机关事务管理 术语', {
    class: 'general',
    documentKind: 'terminology',
    titleEn: 'Government offices administration—Vocabulary',
    publishedOn: '2022-04-15',
    effectiveOn: '2022-04-15',
  }),
  realStandard('GB/T 13016—2018', '标准体系构建原则和要求', {
    class: 'general',
    sourceNote: { text: '书目数据，未见正文', confidence: 'low' },
  }),
]

export interface FakeNode {
  readonly log: SyntheticLog
  readonly details: StandardDetail[]
  readonly options: ConsoleOptions
  readonly reported: { error: Error; path: string }[]
}

export interface FakeExtra {
  readonly base?: string
  readonly logs?: readonly LogSummary[]
  readonly quarantine?: readonly QuarantinedEntry[]
  readonly change?: (details: StandardDetail[]) => StandardDetail[]
  readonly options?: Partial<ConsoleOptions>
}

/** A node without server or database: a real log in memory, a catalogue over it, and verdicts by the real verifier. */
export async function fakeNode(drafts: readonly Draft[], extra: FakeExtra = {}): Promise<FakeNode> {
  const base = extra.base ?? 'http://localhost:7401'
  const member = syntheticMember(nodeName, base)
  const trust = syntheticTrust([member])
  const log = new SyntheticLog(member)
  for (const draft of drafts) await log.publish(draft)
  const made = detailsOf(log)
  const details = extra.change ? extra.change(made) : made
  const reported: { error: Error; path: string }[] = []
  const logs: readonly LogSummary[] = extra.logs ?? [
    {
      origin: member.origin,
      own: true,
      issuerName: nodeName,
      size: log.logged.length,
      held: log.logged.length,
      visible: log.logged.length,
      state: 'active',
      quarantined: 0,
      evidenced: false,
      pending: 0,
    },
  ]
  const options: ConsoleOptions = {
    catalogue: fakeCatalogue({ log, details, logs, quarantine: extra.quarantine ?? [] }),
    argue: async (digest) => {
      const index = log.logged.findIndex((logged) => logged.digest === digest)
      return index < 0 ? undefined : verifyBundle(encodeUtf8(await log.bundle(index)), { trust, now })
    },
    nodeName,
    base: parseBaseUrl(base),
    network: 'synthetic',
    root: trust.fingerprint,
    trustLine: {
      zh: `信任文件：登记册第${trust.registry.version}版，指纹 ${trust.fingerprint}`,
      en: `trust file: registry version ${trust.registry.version}`,
    },
    ...nothingAgreed,
    self: member.did,
    nameOf: (did) => (did === member.did ? nodeName : undefined),
    report: (error, path) => {
      reported.push({ error, path })
      return 'trace-0001'
    },
    now: () => now,
    ...extra.options,
  }
  return { log, details, options, reported }
}

const absent = async (): Promise<never> => {
  throw new ProtocolError('NOT_FOUND', 'there is nothing at this address')
}

/** A node on which nobody agreed on anything, and whose operator nobody is. */
export const nothingAgreed = {
  agreementList: {
    page: async () => ({ total: 0, items: [], unexamined: 0 }),
    pinning: async () => ({ total: 0, items: [], unexamined: 0 }),
    agreedRows: async () => [],
  },
  agreements: { view: absent, whatIf: absent },
  compare: absent,
  catalogueOf: () => ({
    findStandard: async () => undefined,
    findPlace: async () => undefined,
    searchStandards: async () => ({ total: 0, items: [] }),
  }),
  desk: { list: async () => [], open: absent, openRow: absent },
  isOperator: () => false,
} satisfies Partial<ConsoleOptions>

function detailsOf(log: SyntheticLog): StandardDetail[] {
  const records = log.logged.map(({ document }) => parseRecord(document))
  const isEvent = (record: unknown): record is LifecycleEvent =>
    (record as LifecycleEvent).type[1] === 'LifecycleEvent'
  return log.logged.flatMap(({ digest, document }, index) => {
    const record = records[index] as StandardRecord | LifecycleEvent
    if (isEvent(record)) return []
    const events = records.flatMap((event, at) =>
      isEvent(event) && event.credentialSubject.edition.id === record.id
        ? [{ record: event, index: at, digest: log.logged[at]!.digest }]
        : [],
    )
    const origin = log.member.origin
    const facts = record.credentialSubject
    const placed = events.map(({ record: event, index: at }) => ({
      origin,
      index: at,
      recordId: event.id,
      subject: event.credentialSubject,
    }))
    const { state, since, reviewDue } = lifecycleAt(facts, placed, day)
    return [
      {
        id: record.id,
        digest,
        issuer: record.issuer,
        issuerName: nodeName,
        origin,
        own: true,
        index,
        titleZh: facts.titleZh,
        ...(facts.titleEn ? { titleEn: facts.titleEn } : {}),
        numbers: facts.identifiers.map(({ value }) => value),
        keys: facts.identifiers.map(({ canonicalKey: key }) => key),
        level: facts.level,
        mandate: facts.mandate,
        class: facts.class,
        owners: [],
        ...(facts.publishedOn ? { publishedOn: facts.publishedOn } : {}),
        ...(facts.effectiveOn ? { effectiveOn: facts.effectiveOn } : {}),
        state,
        ...(since ? { since } : {}),
        ...(reviewDue ? { reviewDue } : {}),
        synthetic: record.synthetic === true,
        warnings: warningsOf(facts),
        record: document,
        events: events.map(({ record: event, index: at, digest: eventDigest }) => ({
          id: event.id,
          digest: eventDigest,
          origin,
          index: at,
          eventKind: event.credentialSubject.eventKind,
          date: event.credentialSubject.date,
          ...(event.credentialSubject.announcementNo
            ? { announcementNo: event.credentialSubject.announcementNo }
            : {}),
        })),
      },
    ]
  })
}

function fakeCatalogue({
  log,
  details,
  logs,
  quarantine,
}: {
  log: SyntheticLog
  details: readonly StandardDetail[]
  logs: readonly LogSummary[]
  quarantine: readonly QuarantinedEntry[]
}): Catalogue {
  return {
    searchStandards: async ({ q, class: primary, level, state, limit, offset }) => {
      const found = details.filter(
        (detail) =>
          (q === undefined ||
            [detail.titleZh, ...detail.numbers].some((text) => text.replace(/\s/g, '').includes(q))) &&
          (primary === undefined || detail.class === primary) &&
          (level === undefined || detail.level === level) &&
          (state === undefined || detail.state === state),
      )
      return { total: found.length, items: found.slice(offset, offset + limit) }
    },
    findStandard: async (digest) => details.find((detail) => detail.digest === digest),
    findPlace: async (which) => {
      const index = log.logged.findIndex((logged) =>
        'digest' in which ? logged.digest === which.digest : 'id' in which && logged.id === which.id,
      )
      const logged = log.logged[index]
      if (!logged) return undefined
      return {
        id: logged.id,
        digest: logged.digest,
        type: (logged.document.type as readonly string[])[1] ?? '',
        issuer: log.member.did,
        origin: log.member.origin,
        own: true,
        index,
        at: new Date(Date.UTC(2026, 0, 5, 1) + index * 1000).toISOString(),
        tier: 'public',
      }
    },
    listLogs: async () => logs,
    findEvidence: async () => undefined,
    listMissing: async () => [],
    listQuarantine: async (limit) => quarantine.slice(0, limit),
    listEditions: async () => [],
    findOwnByKeys: async () => [],
  }
}

/** The rich node that most tests and the screenshots look at. */
export async function richNode(extra: FakeExtra = {}): Promise<FakeNode> {
  const log = new SyntheticLog(syntheticMember(nodeName, extra.base ?? 'http://localhost:7401'))
  const invented = Array.from({ length: 24 }, (_, n) => syntheticStandard(n + 1))
  const drafts: Draft[] = [...realStandards, ...invented]
  for (const draft of drafts) await log.publish(draft)
  const end = (n: number, kind: string, date: string) => {
    const { id, digest } = log.logged[n]!
    return syntheticEvent({ id, digest }, kind, date)
  }
  drafts.push(end(7, 'abolished', '2025-12-01'), end(8, 'superseded', '2026-03-01'))
  drafts.push(end(9, 'review', '2024-10-10'), end(10, 'amendment', '2025-05-05'))
  return fakeNode(drafts, {
    logs: [
      ownLog(drafts.length, extra.base),
      {
        origin: 'localhost:7402/log/1',
        own: false,
        issuerName: '眉山市机关事务管理局（演示节点）',
        size: 1204,
        held: 1200,
        visible: 1200,
        state: 'active',
        checkedAt: '2026-07-01T01:59:30.000Z',
        quarantined: 1,
        evidenced: false,
        pending: 0,
      },
      {
        origin: 'localhost:7403/log/1',
        own: false,
        issuerName: '武侯区机关事务管理局（演示节点）',
        size: 310,
        held: 300,
        visible: 300,
        state: 'halted',
        fault: { code: 'LOG_ROLLBACK', detail: 'size 290 was offered after 300 was verified' },
        checkedAt: '2026-06-30T22:10:00.000Z',
        quarantined: 0,
        evidenced: false,
        pending: 0,
      },
    ],
    quarantine: [
      {
        origin: 'localhost:7402/log/1',
        index: 42,
        code: 'SIGNATURE_INVALID',
        detail: 'the signature does not fit',
        pointer: '/proof/proofValue',
        seenAt: '2026-06-20T08:00:00.000Z',
      },
    ],
    ...extra,
  })
}

function ownLog(size: number, base = 'http://localhost:7401'): LogSummary {
  const { authority, base: below } = parseBaseUrl(base)
  return {
    origin: `${authority}${below}/log/1`,
    own: true,
    issuerName: nodeName,
    size,
    held: size,
    visible: size,
    state: 'active',
    quarantined: 0,
    evidenced: false,
    pending: 0,
  }
}

export { createConsole, syntheticId }
