/** The part of the stylesheet for agreements, comparison and mapping work. */
export const workStyle = `
.search.filters { grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); }
.search.filters .words { grid-column: span 2; }
.intro .filters { background: var(--paper); border: 1px solid var(--line); max-width: 34rem; }
input[type="date"] { min-width: 0; }
.badge.good { color: var(--good); background: var(--good-ground); }
.badge.bad { color: var(--bad); background: var(--bad-ground); }
.badge.open { color: var(--open); background: var(--open-ground); }
.badge.plain { color: var(--soft); background: var(--ground); }
.within { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.reason { font-size: .9375rem; }
.agreements th a { font-weight: 600; }
.agreements th .code { font-weight: 400; color: var(--soft); }
.statement { padding: 1rem 1.25rem; border: 1px solid #8d99a6; border-radius: .25rem; background: #fffdf7; max-width: 60rem; }
.statement p + p { margin-top: .375rem; }
.statement .row { padding-left: 2em; }
.statement p:first-child { font-weight: 700; font-size: 1.125rem; text-align: center; }
.argument.named h3::before { content: none; }
.do p { font-weight: 600; font-size: .9375rem; }
.do pre { margin-top: .25rem; }
.ways { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-bottom: .75rem; }
.ways kbd { padding: 0 .375rem; border: 1px solid #75828f; border-radius: .25rem; font-size: .8125rem; }
.panes td { width: 30%; }
.panes td.between { width: 26%; background: var(--ground); }
.panes tbody th { width: 14%; font-weight: 400; font-size: .875rem; }
.panes td.between .badge { margin-bottom: .125rem; }
.limit { font-weight: 600; }
.limit .en { font-weight: 400; }
.relation { font-size: 1rem; }
.changes ins { color: var(--good); text-decoration: underline; } .changes del { color: var(--bad); }
.coverage .bar { display: block; width: 100%; height: 1.25rem; border: 1px solid #75828f; border-radius: .25rem; background: var(--paper); }
.bar .accepted { fill: #1d7d4e; } .bar .inReview { fill: #d79b2b; } .bar .draft { fill: #efd9a7; } .bar .conflicting { fill: #b4382e; } .bar .noCounterpart { fill: #5d6f86; } .bar .notCompared { fill: #e1e6ec; }
.bar rect { stroke: #fff; stroke-width: 2; vector-effect: non-scaling-stroke; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-top: .5rem; font-size: .9375rem; }
.legend div { display: flex; gap: .5rem; align-items: baseline; }
.legend dd { font-weight: 700; font-variant-numeric: tabular-nums; }
.legend div::before { content: ""; width: .75rem; height: .75rem; border: 1px solid #75828f; align-self: center; }
.legend .accepted::before { background: #1d7d4e; } .legend .inReview::before { background: #d79b2b; } .legend .draft::before { background: #efd9a7; } .legend .conflicting::before { background: #b4382e; }
.legend .noCounterpart::before { background: #5d6f86; } .legend .notCompared::before { background: #e1e6ec; } .legend .total::before { content: none; }
.sets { margin: 0; display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; }
.sets svg { width: 12.5rem; height: 6.25rem; flex: none; }
.sets circle { fill-opacity: .18; stroke-width: 2; }
.sets circle.a { fill: #1a4f8f; stroke: #1a4f8f; } .sets circle.b { fill: #a3281f; stroke: #a3281f; stroke-dasharray: 6 4; }
.sets path { stroke: #4f5b68; stroke-width: 2; }
.sets text { font-size: 15px; text-anchor: middle; fill: var(--ink); }
.tray { list-style: none; padding: 0; }
.tray li { padding: .75rem 1rem; border: 1px solid var(--line); border-left: .25rem solid; }
.tray > li + li { margin-top: .75rem; }
.tray > li.bad { border-left-color: var(--bad); } .tray > li.open { border-left-color: #b26a00; }
.tray h3 { margin: 0; font-size: 1rem; }
.tray > li > * + * { margin-top: .375rem; }
.tray .plain li, .contested li { padding: .125rem 0; border: 0; }
.contested ul { list-style: disc; }
.two { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; }
.pane { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .25rem; }
.pane h3 { margin: 0; }
.pane .heading { font-size: 1.0625rem; }
@media (max-width: 52rem) { .panes td, .panes td.between, .panes th { width: auto; } .panes td.between { background: none; } .search.filters .words { grid-column: 1 / -1; } }
@media (max-width: 40rem) { .two { grid-template-columns: minmax(0, 1fr); } .search.filters { grid-template-columns: minmax(0, 1fr); } }
@media print { .do { break-inside: avoid; } .filters { display: none; } }
`
