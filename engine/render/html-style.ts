/** The look of a report: the reader's own fonts, light or dark as the reader has it, colours by meaning as on the terminal. */
export const STYLE = `
:root { color-scheme: light dark; --good: #1a7f37; --changed: #9a6700; --bad: #cf222e; --unsure: #8250df; --quiet: #6e7781; --line: #d0d7de; --panel: #f6f8fa }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --changed: #d29922; --bad: #f85149; --unsure: #a371f7; --quiet: #8b949e; --line: #30363d; --panel: #161b22 } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line) }
p { margin: .25rem 0 } .quiet, .zero { color: var(--quiet) } .verdict { font-weight: 600; color: var(--bad) }
.code0 { color: var(--good) } .code2 { color: var(--changed) } .code3 { color: var(--unsure) }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .6rem; overflow-x: auto; font-size: 13px; line-height: 1.4 }
pre span { display: block } .failure { border-left: 4px solid var(--bad); white-space: pre-wrap }
table { border-collapse: collapse; font-variant-numeric: tabular-nums } th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { font-weight: 600; color: var(--quiet) } details, .node { border-bottom: 1px solid var(--line); padding: .25rem 0 } summary { cursor: pointer } article { margin: .4rem 0 .4rem 1.2rem }
.done, .added { color: var(--good) } .changed, .would-change { color: var(--changed) } .failed, .unreachable, .removed { color: var(--bad) } .unknown { color: var(--unsure) } .skipped, .blocked { color: var(--quiet) }
.timeline { width: 100%; height: auto; font-size: 12px } .timeline text { fill: currentColor } .timeline .mark { fill: var(--quiet); font-size: 11px }
.timeline rect { fill: var(--good); stroke: Canvas } .timeline .failed, .timeline .unreachable { fill: var(--bad) } .timeline .unknown { fill: var(--unsure) } .timeline .skipped, .timeline .blocked { fill: var(--quiet) }
`
