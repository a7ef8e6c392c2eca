/** Small SVG charts. Each has a text alternative that says what it shows. */
import { number, svg } from './dom.ts'

export interface Series {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number; readonly mark?: boolean }[]
}

interface Box {
  readonly width: number
  readonly height: number
}

const box: Box = { width: 340, height: 190 }
const margin = { left: 46, right: 10, top: 12, bottom: 26 }
const colours = ['var(--c1)', 'var(--c2)', 'var(--c3)', 'var(--c4)', 'var(--c5)', 'var(--c6)', 'var(--c7)', 'var(--c8)']

export function colourOf(k: number): string {
  return colours[k % colours.length]!
}

function scaler(values: readonly number[], log: boolean, from: number, to: number): (value: number) => number {
  const place = (value: number): number => (log ? Math.log10(value) : value)
  const low = Math.min(...values.map(place))
  const high = Math.max(...values.map(place))
  const span = high - low || 1
  return (value) => from + ((place(value) - low) / span) * (to - from)
}

function ticks(values: readonly number[], log: boolean): number[] {
  const low = Math.min(...values)
  const high = Math.max(...values)
  if (!log) return low === high ? [low] : [low, high]
  const decades: number[] = []
  for (let e = Math.ceil(Math.log10(low)); e <= Math.floor(Math.log10(high)); e++) decades.push(10 ** e)
  return decades.length > 0 ? decades : [low, high]
}

/** Without zeros behind the point, and without a point that nothing follows. */
function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`
  return value >= 1e3 ? `${withoutZeros(number(value / 1e3))}k` : withoutZeros(number(value))
}

export interface LineChart {
  readonly title: string
  readonly description: string
  readonly series: readonly Series[]
  readonly logX: boolean
  readonly logY: boolean
  readonly xLabel?: (x: number) => string
}

/** Lines with dots. A marked point gets a vertical rule: there the machine changed. */
export function lineChart(chart: LineChart): SVGElement {
  const xs = chart.series.flatMap((s) => s.points.map((p) => p.x))
  const ys = chart.series.flatMap((s) => s.points.map((p) => p.y))
  const x = scaler(xs, chart.logX, margin.left, box.width - margin.right)
  const y = scaler(ys, chart.logY, box.height - margin.bottom, margin.top)
  const root = svg('svg', { viewBox: `0 0 ${box.width} ${box.height}`, role: 'img', 'aria-label': `${chart.title}. ${chart.description}` })
  for (const tick of ticks(ys, chart.logY)) {
    root.append(svg('line', { class: 'rule', x1: margin.left, x2: box.width - margin.right, y1: y(tick), y2: y(tick) }))
    root.append(svg('text', { x: margin.left - 6, y: y(tick) + 4, 'text-anchor': 'end' }, short(tick)))
  }
  for (const tick of ticks(xs, chart.logX))
    root.append(svg('text', { x: x(tick), y: box.height - 8, 'text-anchor': 'middle' }, (chart.xLabel ?? short)(tick)))
  chart.series.forEach((series, k) => {
    const colour = colourOf(k)
    const path = series.points.map((p, i) => `${i === 0 ? 'M' : 'L'}${x(p.x).toFixed(1)} ${y(p.y).toFixed(1)}`).join('')
    root.append(svg('path', { d: path, fill: 'none', stroke: colour, 'stroke-width': k === 0 ? 2.5 : 1.5 }))
    for (const p of series.points) {
      if (p.mark) root.append(svg('line', { class: 'machine', x1: x(p.x), x2: x(p.x), y1: margin.top, y2: box.height - margin.bottom }))
      root.append(
        svg(
          'circle',
          { cx: x(p.x), cy: y(p.y), r: k === 0 ? 3 : 2.2, fill: colour },
          svg('title', {}, `${series.name}: ${number(p.y)} ns`),
        ),
      )
    }
  })
  return root
}

/** A log ratio in percent. */
export function percentOf(log: number): string {
  return ((Math.exp(log) - 1) * 100).toFixed(1)
}

/** Every pair of a comparison as a dot, head over base in percent, with the noise band shaded. */
export function stripPlot(title: string, pairs: readonly number[], aaPairs: readonly number[], noise: number): SVGElement {
  const all = [...pairs, ...aaPairs, noise * 1.5, -noise * 1.5]
  const reach = Math.max(...all.map(Math.abs))
  const x = (value: number): number => margin.left + ((value + reach) / (2 * reach)) * (box.width - margin.left - margin.right)
  const root = svg('svg', {
    viewBox: `0 0 ${box.width} 74`,
    role: 'img',
    'aria-label': `${title}: ${pairs.length} pairs, head against base, and ${aaPairs.length} pairs of base against itself; the band is the noise of ±${percentOf(noise)} percent`,
  })
  root.append(svg('rect', { class: 'band', x: x(-noise), y: 4, width: x(noise) - x(-noise), height: 48 }))
  root.append(svg('line', { class: 'rule', x1: x(0), x2: x(0), y1: 4, y2: 52 }))
  const dots: readonly [readonly number[], string, number, string][] = [
    [pairs, 'head', 18, 'var(--c1)'],
    [aaPairs, 'base', 40, 'var(--muted)'],
  ]
  for (const [values, name, at, colour] of dots) {
    root.append(svg('text', { x: margin.left - 6, y: at + 4, 'text-anchor': 'end' }, name))
    for (const value of values) root.append(svg('circle', { cx: x(value), cy: at, r: 3, fill: colour, 'fill-opacity': 0.65 }))
  }
  for (const value of [-reach, 0, reach])
    root.append(
      svg('text', { x: x(value), y: 68, 'text-anchor': value < 0 ? 'start' : value > 0 ? 'end' : 'middle' }, `${percentOf(value)} %`),
    )
  return root
}
