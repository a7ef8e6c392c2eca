/** Puts the page together. */
import { fitGrowth } from '../../src/growth.ts'
import { type Judged, judge } from '../../src/judge.ts'
import { reachOf } from '../../src/stats.ts'
import { colourOf, lineChart, percentOf, type Series, stripPlot } from './charts.ts'
import { type Comparison, type HistoryEntry, loadData, type PageData, type Row } from './data.ts'
import { byId, el, number } from './dom.ts'
import { environmentList, resultTables } from './table.ts'

function figure(title: string, chart: SVGElement, note: string, series: readonly Series[] = []): HTMLElement {
  const legend = series.map((s, k) => el('li', {}, el('i', { style: `background:${colourOf(k)}`, 'aria-hidden': 'true' }), s.name))
  return el(
    'figure',
    {},
    el('figcaption', {}, el('strong', {}, title), ` ${note}`),
    chart,
    ...(legend.length > 1 ? [el('ul', { class: 'legend' }, ...legend)] : []),
  )
}

function showVerdicts(comparisons: readonly Comparison[]): void {
  if (comparisons.length === 0) return
  byId('verdicts').hidden = false
  const noise = comparisons[0]!.noiseFloor
  const counted = ['better', 'same', 'worse', 'inconclusive'].map(
    (verdict) => [verdict, comparisons.filter((c) => c.verdict === verdict).length] as const,
  )
  byId('verdict-strip').append(
    ...counted.map(([verdict, many]) => el('span', { class: `verdict ${verdict}` }, el('b', {}, String(many)), ` ${verdict}`)),
    el('span', {}, `noise floor of this run ±${percentOf(noise)} %`),
  )
  const order = { worse: 0, better: 1, inconclusive: 2, same: 3 }
  const sorted = [...comparisons].sort((a, b) => order[a.verdict] - order[b.verdict])
  byId('pairs').className = 'grid'
  byId('pairs').append(
    ...sorted.map((c) =>
      figure(
        c.workload,
        stripPlot(c.workload, c.pairs, c.aaPairs, Math.max(c.noiseFloor, reachOf(c.aa))),
        `${c.verdict}, ${percentOf(c.logRatio.middle)} % [${percentOf(c.logRatio.low)}, ${percentOf(c.logRatio.high)}]`,
      ),
    ),
  )
}

function showScaling(rows: readonly Row[]): void {
  const groups = new Map<string, Map<string, { x: number; y: number }[]>>()
  for (const row of rows) {
    if (row.n === undefined) continue
    const name = row.workload.replace(/\b1e[3-7]\b/, 'N')
    const group = groups.get(name) ?? new Map<string, { x: number; y: number }[]>()
    group.set(
      row.contender,
      [...(group.get(row.contender) ?? []), { x: row.n, y: row.nsPerOp }].sort((a, b) => a.x - b.x),
    )
    groups.set(name, group)
  }
  const charts = [...groups].flatMap(([name, group]) => {
    const series: Series[] = [...group].map(([contender, points]) => ({ name: contender, points })).filter((s) => s.points.length > 1)
    const own = series.find((s) => s.name === 'ours')
    if (own === undefined) return []
    const fit = fitGrowth(own.points.map((p) => ({ n: p.x, ns: p.y })))
    const note = `ours: ${fit.growth} (n^${fit.exponent.toFixed(2)})`
    const said = series.map((s) => `${s.name} ${s.points.map((p) => `${number(p.y)} ns at n ${p.x}`).join(', ')}`).join('; ')
    return [
      figure(
        name,
        lineChart({ title: name, description: `ns an operation against n, both logarithmic: ${said}`, series, logX: true, logY: true }),
        note,
        series,
      ),
    ]
  })
  byId('scaling').hidden = charts.length === 0
  byId('scaling-charts').append(...charts)
}

function machineOf(entry: HistoryEntry): string {
  return `${entry.environment.cpu} ${entry.environment.node}`
}

function showHistory(history: readonly HistoryEntry[]): void {
  if (history.length < 2) return
  const workloads = new Set(history.flatMap((entry) => entry.rows.filter((row) => row.contender === 'ours').map((row) => row.workload)))
  const charts = [...workloads].map((workload) => {
    const points = history.flatMap((entry, x) => {
      const row = entry.rows.find((r) => r.workload === workload && r.contender === 'ours')
      return row === undefined ? [] : [{ x, y: row.nsPerOp, mark: x > 0 && machineOf(entry) !== machineOf(history[x - 1]!) }]
    })
    const label = (x: number): string => history[Math.round(x)]!.environment.revision.slice(0, 7)
    return figure(
      workload,
      lineChart({
        title: workload,
        description: `ns an operation over ${points.length} merges, from ${number(points[0]!.y)} to ${number(points.at(-1)!.y)}`,
        series: [{ name: 'ours', points }],
        logX: false,
        logY: false,
        xLabel: label,
      }),
      `${number(points.at(-1)!.y)} ns`,
    )
  })
  byId('history').hidden = false
  byId('history-charts').append(...charts)
}

function showResults(judged: readonly Judged[]): void {
  const form = byId('filter') as HTMLFormElement
  const render = (): void => {
    const data = new FormData(form)
    const wanted = String(data.get('q') ?? '').trim()
    const shown = judged.filter((j) => j.row.workload.includes(wanted) && (data.get('missed') === null || j.missed))
    byId('tables').replaceChildren(...resultTables(shown))
    const withGoal = shown.filter((j) => j.row.goal !== undefined)
    byId('shown').textContent =
      `${shown.length} of ${judged.length} workloads; ${withGoal.filter((j) => !j.missed).length} of ${withGoal.length} goals met`
  }
  form.addEventListener('input', render)
  form.addEventListener('submit', (event) => event.preventDefault())
  render()
}

function show({ environment, rows, comparisons, history }: PageData): void {
  if (environment === undefined) {
    byId('lead').textContent = 'There are no figures yet: run `npx pnpm bench --json bench/results/run.ndjson`, then `npx pnpm bench:page`.'
    return
  }
  byId('lead').textContent =
    `${rows.length} measurements of ${new Set(rows.map((row) => row.workload)).size} workloads on ${environment.date.slice(0, 10)}, ${environment.cpu}, Node ${environment.node}.`
  byId('environment').append(...environmentList(environment))
  showVerdicts(comparisons)
  showResults(judge(rows, environment.machineFactor))
  showScaling(rows)
  showHistory(history)
  document.body.dataset.ready = 'true'
}

show(await loadData())
