import { workStyle } from './style-work.ts'

/** The one stylesheet. System fonts, no image, no script to wait for; colours pass 4.5 : 1, and none says anything alone. */
export const stylesheet = `
:root {
  --ink: #1d2733; --soft: #4f5b68; --line: #d3dae2; --paper: #fff; --ground: #f3f5f8;
  --deep: #173a63; --link: #1a4f8f; --seal: #a3281f;
  --good: #14603a; --good-ground: #e8f4ec; --bad: #a3281f; --bad-ground: #fbecea; --open: #7a4b00; --open-ground: #fdf3e1;
  --gap: 1rem;
}
*, *::before, *::after { box-sizing: border-box; }
html { font-size: 100%; -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; color: var(--ink); background: var(--ground); line-height: 1.7; overflow-wrap: anywhere;
  font-family: "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "WenQuanYi Micro Hei", system-ui, sans-serif;
}
.wide { max-width: 76rem; margin: 0 auto; padding: 0 var(--gap); }
:lang(en) { font-family: "Helvetica Neue", Arial, "Liberation Sans", "Noto Sans", "Noto Sans CJK SC", system-ui, sans-serif; }
.code, .code :lang(en), pre code { font-family: ui-monospace, Consolas, Menlo, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; }
a { color: var(--link); text-underline-offset: .2em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid #b26a00; outline-offset: 2px; }
h1:focus, h2:focus, main:focus { outline: none; }
h1, h2, h3, p, dl, dd, ol, ul { margin: 0; }
h1 { font-size: 1.625rem; line-height: 1.4; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.4; padding-left: .7rem; border-left: .25rem solid var(--seal); }
h3 { font-size: 1.0625rem; margin-top: 1.25rem; }
.argument h3 { font-size: 1rem; margin: 0; }
.en { font-size: .8125em; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.line { display: block; }
.quiet, .hint { color: var(--soft); }
.hint, .asof { font-size: .875rem; }
.code { font-size: .8125em; }
.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
.long.number { white-space: normal; }
.prose { white-space: pre-wrap; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skips a { position: absolute; left: -100vw; top: .25rem; padding: .5rem 1rem; background: var(--paper); z-index: 1; }
.skips a:focus { left: .25rem; }

header.site { background: var(--deep); color: #fff; border-bottom: .25rem solid var(--seal); }
header.site .wide { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem; padding-top: .75rem; padding-bottom: .75rem; }
header.site a { color: #fff; }
header.site .en { color: #d5e0ee; }
header.site .badge .en { color: inherit; }
header.site :focus-visible { outline-color: #ffd58a; }
.brand { font-size: 1.1875rem; font-weight: 700; line-height: 1.4; margin-right: auto; }
.brand a { text-decoration: none; }
.brand .en { display: block; }
.whose { font-size: .9375rem; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
header.site nav { flex-basis: 100%; font-size: .9375rem; }
footer.site { margin-top: 2rem; padding: 1.25rem 0; border-top: 1px solid var(--line); font-size: .875rem; color: var(--soft); }
footer.site p + p { margin-top: .5rem; }

main.wide { padding-top: 1.5rem; padding-bottom: .5rem; }
main > * + * { margin-top: 1.25rem; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: .25rem; padding: 1.25rem; }
section > * + * { margin-top: .875rem; }
section > .hint { max-width: 60rem; }
.intro > * + * { margin-top: .625rem; }
.kind { white-space: nowrap; font-weight: 400; font-size: 1.125rem; color: var(--soft); }
h1 .numbers { display: block; font-size: 1.125rem; color: var(--deep); }
h1 .en { font-size: .9375rem; } h1 .en.line { margin-top: .125rem; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; }
.figures div { background: var(--paper); border: 1px solid var(--line); border-radius: .25rem; padding: .5rem 1.25rem; min-width: 8.5rem; }
.figures dt { font-size: .9375rem; }
.figures dd { font-size: 1.5rem; font-weight: 700; line-height: 1.3; font-variant-numeric: tabular-nums; }
.alarm { font-size: .875rem; font-weight: 400; color: var(--bad); }

.search { display: grid; grid-template-columns: minmax(16rem, 3fr) repeat(3, minmax(9rem, 1fr)) auto; gap: .75rem; align-items: start; background: var(--ground); padding: 1rem; border-radius: .25rem; }
.field label { display: block; font-size: .9375rem; font-weight: 600; }
.field input, .field select, button { font: inherit; min-height: 2.75rem; border-radius: .25rem; }
.field input, .field select { width: 100%; padding: .25rem .625rem; color: inherit; background: var(--paper); border: 1px solid #75828f; }
.field.go { padding-top: 1.6rem; white-space: nowrap; }
button { padding: .25rem 1.25rem; color: #fff; background: var(--deep); border: 1px solid var(--deep); cursor: pointer; }
button:hover { background: #0f2a4a; }
button .en { color: #d5e0ee; }

.badge { display: inline-block; padding: .0625rem .5rem; border: 1px solid currentcolor; border-radius: .25rem; font-size: .875rem; line-height: 1.5; white-space: nowrap; text-decoration: none; }
.badge .en { color: inherit; }
.mark { display: inline-block; min-width: 1.1em; margin-right: .3em; text-align: center; font-weight: 700; }
.badge.in-force, .badge.verified, .badge.active { color: var(--good); background: var(--good-ground); }
.badge.abolished, .badge.superseded, .badge.rejected, .badge.halted, .badge.frozen { color: var(--bad); background: var(--bad-ground); }
.badge.drafting, .badge.upcoming, .badge.disputed, .badge.undetermined, .badge.undecided { color: var(--open); background: var(--open-ground); }
.badge.made-up { color: #5b2a7d; background: #f5eefa; border-style: dashed; }
.badge.real { color: var(--deep); background: #e9f0f8; }
.badges > * { margin-right: .375rem; }
.notice { display: block; color: var(--open); font-size: .9375rem; }
.notice .en { color: inherit; }
.notice .mark { width: 1.35em; line-height: 1.35; border: 1px solid currentcolor; border-radius: 50%; font-size: .8125em; }
p.notice { padding: .5rem .75rem; background: var(--open-ground); border-left: .25rem solid #b26a00; }
.warnings { list-style: none; padding: 0; }
.empty { padding: .875rem 1rem; background: var(--ground); border: 1px dashed #8d99a6; border-radius: .25rem; color: var(--ink); }

.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; line-height: 1.6; }
caption { text-align: left; padding-bottom: .5rem; color: var(--soft); font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .625rem .75rem; border-bottom: 1px solid var(--line); }
thead th { background: #e9eef4; border-bottom: 2px solid var(--deep); white-space: nowrap; }
thead th .en { display: block; }
tbody th { font-weight: 600; }
tbody tr:hover { background: #f7f9fb; }
td .en, tbody th .en { display: inline; }
td .en.line { display: block; }
td.count, th.count { white-space: nowrap; font-variant-numeric: tabular-nums; }
.standards td.title { min-width: 17rem; }
.standards td:nth-last-child(-n+2) { min-width: 10.5rem; }
.tag { white-space: nowrap; font-weight: 400; }
.cards td.code, .cards td > a.code { display: inline-block; min-width: 12rem; min-height: 1.6rem; }
.cards td.code { display: table-cell; }
.kinds { font-size: .875rem; }
.standards .title a { font-weight: 600; }
.standards .title .badge { margin-top: .25rem; }
.paging p { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; }
.paging a { padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .25rem; background: var(--paper); }
.fault { margin-top: .375rem; }
ul.plain { padding-left: 1.25rem; }

.facts > div { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: 0 1rem; padding: .4375rem 0; border-bottom: 1px solid var(--line); }
.facts > div:last-child { border-bottom: 0; }
.facts dt { color: var(--soft); }
.item { display: inline-block; margin-right: .75rem; }
.timeline { padding-left: 1.25rem; border-left: 2px solid var(--line); list-style: none; }
.timeline li { position: relative; padding: .25rem 0; }
.timeline li::before { content: ""; position: absolute; left: calc(-1.25rem - 6px); top: .85rem; width: 10px; height: 10px; border-radius: 50%; background: var(--deep); }
.timeline li.ahead::before { background: var(--paper); border: 2px solid var(--deep); }

.argument { list-style: none; padding: 0; counter-reset: step; }
.argument li { counter-increment: step; display: grid; grid-template-columns: 9.5rem minmax(0, 1fr); gap: 0 1rem; padding: .625rem .75rem; border-bottom: 1px solid var(--line); border-left: .25rem solid; }
.argument li.passed { border-left-color: var(--good); }
.argument li.failed { border-left-color: var(--bad); background: var(--bad-ground); }
.argument li.unknown { border-left-color: #b26a00; background: var(--open-ground); }
.argument .outcome { font-weight: 600; }
.argument .passed .outcome { color: var(--good); } .argument .failed .outcome { color: var(--bad); } .argument .unknown .outcome { color: var(--open); }
.argument .outcome .en { display: block; color: inherit; padding-left: 1.75em; }
.argument h3::before { content: counter(step) ". "; }
.conclusion { padding: 1rem; border: 2px solid; border-radius: .25rem; }
.conclusion p { color: var(--ink); } .conclusion p.quiet { color: var(--soft); }
.conclusion > * + * { margin-top: .375rem; }
.conclusion .word { font-size: 1.25rem; font-weight: 700; }
.conclusion.verified { border-color: var(--good); background: var(--good-ground); } .conclusion.verified .word { color: var(--good); }
.conclusion.rejected { border-color: var(--bad); background: var(--bad-ground); } .conclusion.rejected .word { color: var(--bad); }
.conclusion.undecided { border-color: #b26a00; background: var(--open-ground); } .conclusion.undecided .word { color: var(--open); }
pre { margin: 0; padding: .75rem 1rem; background: #eef2f6; border: 1px solid var(--line); border-radius: .25rem; font-size: .875rem; line-height: 1.6; }
pre.command { white-space: pre-wrap; }
pre.raw { overflow: auto; max-height: 30rem; }
details summary { padding: .5rem 0; cursor: pointer; color: var(--link); }

${workStyle}@media (max-width: 64rem) {
  .search { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .field.words { grid-column: 1 / -1; }
  .field.go { grid-column: 1 / -1; padding-top: 0; }
}
@media (max-width: 52rem) {
  .scroll:has(.cards) { overflow-x: visible; }
  .cards, .cards tbody, .cards tr, .cards th, .cards td { display: block; width: auto; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards caption { display: block; }
  .cards tr { padding: .75rem 0; border-bottom: 2px solid var(--line); }
  .cards th, .cards td { padding: .1875rem 0; border: 0; }
  .cards td.code, .cards td > a.code { display: block; min-width: 0; }
  .cards td::before { content: attr(data-label) "："; color: var(--soft); }
  .cards td.title::before { content: none; }
  .standards td.title, .standards td:nth-last-child(-n+2) { min-width: 0; }
  .standards .title a { font-size: 1.0625rem; }
}
@media (max-width: 40rem) {
  :root { --gap: .75rem; }
  h1 { font-size: 1.375rem; }
  section { padding: 1rem .75rem; }
  .search { grid-template-columns: repeat(2, minmax(0, 1fr)); padding: .75rem; }
  .field.go { grid-column: auto; padding-top: 1.6rem; white-space: normal; }
  .facts > div, .argument li { grid-template-columns: minmax(0, 1fr); }
  .argument .outcome .en { display: inline; padding-left: 0; }
  .badge { white-space: normal; }
  .figures { gap: .5rem; } .figures div { flex: 1 1 6rem; min-width: 0; padding: .5rem .75rem; }
}
@media (forced-colors: active) { .argument li, .conclusion, .badge { border-color: CanvasText; } }
@media print {
  @page { margin: 18mm 15mm; }
  body { background: #fff; font-size: 10.5pt; }
  .skips, nav, .search, .back, .paging { display: none; }
  header.site { background: none; color: #000; border-bottom: 2px solid #000; }
  header.site a, header.site .en, .en { color: #333; }
  section { border: 0; padding: 0; margin-top: 14pt; }
  h2, h3 { break-after: avoid; }
  tr, .argument li, .facts > div { break-inside: avoid; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; height: auto; }
}
`
