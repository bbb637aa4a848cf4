import { duration } from './duration.ts'
import { markup, type Markup } from './markup.ts'
import type { RecordedNode } from './recorded-run.ts'

const WIDTH = 960
const LABEL = 130
const ROW = 22
/** Narrower than this nobody could point at it. */
const LEAST = 2

/** When each play was at work on each host, as SVG: a row is a host, a bar is a node, its title tells how long. */
export function timeline(nodes: readonly RecordedNode[], total: number): Markup {
  const began = nodes.filter(node => node.to > node.from)
  const hosts = [...new Set(began.map(node => node.host))]
  const across = (at: number): number => LABEL + (at / Math.max(1, total)) * (WIDTH - LABEL)
  const height = hosts.length * ROW + 24
  const bars = began.map(({ host, play, from, to, outcome }) => markup`<rect class="${outcome.type}" x="${across(from).toFixed(1)}" y="${hosts.indexOf(host) * ROW + 3}" width="${Math.max(LEAST, across(to) - across(from)).toFixed(1)}" height="${ROW - 6}" rx="2"><title>${play} on ${host}: ${duration(to - from)}, from ${duration(from)}</title></rect>
`)
  const labels = hosts.map((host, index) => markup`<text x="0" y="${index * ROW + ROW - 7}">${host}</text>
`)
  const marks = [0, 0.25, 0.5, 0.75, 1].map(part => markup`<text class="mark" x="${across(total * part).toFixed(1)}" y="${height - 4}" text-anchor="${part === 1 ? 'end' : part === 0 ? 'start' : 'middle'}">${duration(total * part)}</text>
`)
  return markup`<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="when each play was at work on each host">
${labels}${bars}${marks}</svg>`
}
