import type { StandardSubject } from '../../protocol/record/standard-record.ts'
import {
  adoptionDegrees,
  classes,
  kinds,
  levels,
  mandateGrounds,
  mandates,
  matters,
  textAccesses,
} from '../../protocol/record/vocabulary.ts'
import type { Text } from '../../protocol/verdict.ts'
import type { StandardDetail } from '../projection/port.ts'
import { showDay, showNumber } from './display.ts'
import { showReview, showWord } from './label.ts'
import { type Child, html, type Markup, quote, say } from './markup.ts'

/** A label and what stands beside it; rows without a value are left out. */
export type Row = readonly [label: Text, value: Child]

export function formatRows(rows: readonly Row[]): Markup {
  return html`<dl class="facts">
${rows.map(([label, value]) => (isEmpty(value) ? undefined : html`<div><dt>${say(label)}</dt><dd>${value}</dd></div>`))}
</dl>`
}

function isEmpty(value: Child): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

function lines(values: readonly Markup[] | undefined): Child {
  return (values ?? []).map((value) => html`<span class="line">${value}</span>`)
}

/** The bibliographic facts of the record, under the names that cover and national portal use. */
export function formatFacts(
  subject: StandardSubject,
  detail: StandardDetail,
  { base, day }: { readonly base: string; readonly day: string },
): Markup {
  const optional = (date: string | undefined) => (date === undefined ? undefined : showDay(date))
  return formatRows([
    [{ zh: '标准号', en: 'Number' }, lines(subject.identifiers.map(({ value }) => showNumber(value)))],
    [{ zh: '中文名称', en: 'Title' }, quote(subject.titleZh)],
    [
      { zh: '英文名称', en: 'Title in English' },
      subject.titleEn === undefined ? undefined : html`<span lang="en"><bdi>${subject.titleEn}</bdi></span>`,
    ],
    [{ zh: '层级', en: 'Level' }, showWord(levels, subject.level)],
    [
      { zh: '性质', en: 'Mandate' },
      html`${showWord(mandates, subject.mandate)}${
        subject.mandateGround === undefined
          ? undefined
          : html`（${showWord(mandateGrounds, subject.mandateGround)}）`
      }`,
    ],
    [{ zh: '类别', en: 'Class' }, showWord(classes, subject.class)],
    [
      { zh: '功能类型', en: 'Kind' },
      subject.documentKind === undefined ? undefined : showWord(kinds, subject.documentKind),
    ],
    [
      { zh: '适用职能', en: 'Matters' },
      (subject.matters ?? []).map((matter) => html`<span class="item">${showWord(matters, matter)}</span> `),
    ],
    [{ zh: '体系编号', en: 'Place in the system' }, text(subject.systemNo)],
    [{ zh: '国际标准分类', en: 'ICS' }, (subject.ics ?? []).join('、')],
    [{ zh: '中国标准分类', en: 'CCS' }, (subject.ccs ?? []).join('、')],
    [{ zh: '发布日期', en: 'Published' }, optional(subject.publishedOn)],
    [{ zh: '实施日期', en: 'In force from' }, optional(subject.effectiveOn)],
    [{ zh: '废止日期', en: 'Abolished' }, optional(subject.abolishedOn)],
    [{ zh: '复审到期', en: 'Review due' }, showReview(detail, day)],
    [{ zh: '备案号', en: 'Filing number' }, text(subject.filingNo)],
    [{ zh: '起草规则', en: 'Drafted under' }, text(subject.draftedUnder)],
    [
      { zh: '采用国际标准', en: 'Adopts' },
      subject.adoption &&
        html`${quote(subject.adoption.adopted)} ${showWord(adoptionDegrees, subject.adoption.degree)}`,
    ],
    [
      { zh: '代替', en: 'Replaces' },
      lines(
        subject.replaces?.map(
          ({ value, extent }) =>
            html`${showNumber(value)}${extent === 'part' ? html` ${say({ zh: '（部分代替）', en: 'in part' })}` : undefined}`,
        ),
      ),
    ],
    [
      { zh: '规范性引用文件', en: 'Normative references' },
      lines(
        subject.normativeRefs?.map(
          ({ value, dated }) =>
            html`${showNumber(value)}${dated ? undefined : html` ${say({ zh: '（不注日期）', en: 'undated' })}`}`,
        ),
      ),
    ],
    [
      { zh: '列入规范性文件', en: 'Taken into' },
      lines(
        subject.inNormativeDocs?.map(
          ({ documentNo, date }) =>
            html`${quote(documentNo)}${date === undefined ? undefined : html`（${showDay(date)}）`}`,
        ),
      ),
    ],
    [{ zh: '重点标准', en: 'Important' }, subject.important ? say({ zh: '是', en: 'yes' }) : undefined],
    [
      { zh: '文本获取', en: 'Text' },
      subject.textAccess === undefined ? undefined : showWord(textAccesses, subject.textAccess),
    ],
    [
      { zh: '文本摘要', en: 'Digest of the text' },
      lines(
        subject.textDigests?.map(
          ({ algorithm, value }) => html`<span class="code">${algorithm}:${value}</span>`,
        ),
      ),
    ],
    [
      { zh: '附件', en: 'Attachments' },
      lines(
        subject.media?.map(
          ({ name, mediaType, digest }) =>
            html`<a href="${base}/blobs/${digest}">${quote(name)}</a>（${mediaType}） <span class="code">${digest}</span>`,
        ),
      ),
    ],
  ])
}

function text(value: string | undefined): Markup | undefined {
  return value === undefined ? undefined : quote(value)
}
