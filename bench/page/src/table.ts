/** The results: one table a family, one row a workload of ours, its peers folded below it. */
import type { Judged } from '../../src/judge.ts'
import type { Environment, Row } from './data.ts'
import { el, number } from './dom.ts'

const repository = 'https://github.com/iommukit/iommukit/blob/main/'

/** A bar on a log scale around 1: to the left we are faster, to the right slower. The text beside it says the same. */
function ratioCell(ratio: number | undefined, goal: number | undefined, label: string): HTMLElement {
  if (ratio === undefined) return el('td', { class: 'ratio none', 'data-label': label }, el('span', { class: 'visually-hidden' }, 'none'))
  const position = (value: number): number => Math.min(100, Math.max(0, 50 + (Math.log2(value) / 7) * 50))
  const at = position(ratio)
  const bar = el('span', {
    class: `bar ${ratio <= 1 ? 'faster' : 'slower'}`,
    style: `left:${Math.min(50, at)}%;width:${Math.abs(at - 50)}%`,
  })
  const marks = [bar, el('span', { class: 'one', style: 'left:50%' })]
  if (goal !== undefined) marks.push(el('span', { class: 'goal', style: `left:${position(goal)}%`, title: `goal ${goal}` }))
  const missed = goal !== undefined && ratio > goal
  const said = `${number(ratio)}×${goal === undefined ? '' : missed ? `, misses ${goal}` : `, goal ${goal}`}`
  return el(
    'td',
    { class: 'ratio', 'data-label': label },
    el('span', { class: 'track', 'aria-hidden': 'true' }, ...marks),
    el('span', { class: missed ? 'missed' : '' }, said),
  )
}

function peerList(judged: Judged): HTMLElement {
  const items = judged.peers.map((peer) =>
    el(
      'li',
      {},
      el('span', {}, peer.contender),
      el('span', {}, `${number(peer.nsPerOp)} ns`),
      el('span', {}, `${number(peer.nsPerOp / judged.row.nsPerOp)}× ours${peer.rounds === 1 ? ', one round' : ''}`),
    ),
  )
  return el('details', {}, el('summary', {}, `${judged.peers.length} peers`), el('ul', { class: 'peers' }, ...items))
}

function nameCell(judged: Judged): HTMLElement {
  const { row } = judged
  const command = `npx pnpm bench ${row.workload}`
  const line = row.source.replace(/:(\d+)$/, '#L$1')
  const cell = el('th', { scope: 'row' }, el('a', { href: `${repository}${line}` }, row.workload))
  cell.append(el('code', { class: 'command' }, command))
  if (judged.peers.length > 0) cell.append(peerList(judged))
  return cell
}

/** The median, and the rounds' medians as a bar with a dot each, from half of the median to one and a half of it. */
function timeCell(row: Row): HTMLElement {
  const place = (value: number): number => Math.min(100, Math.max(0, (value / row.nsPerOp - 0.5) * 100))
  const low = Math.min(...row.nsPerRound)
  const high = Math.max(...row.nsPerRound)
  const bar = el('span', { class: 'bar rounds', style: `left:${place(low)}%;width:${place(high) - place(low)}%` })
  const dots = row.nsPerRound.map((value) => el('span', { class: 'round', style: `left:${place(value)}%` }))
  return el(
    'td',
    { class: 'ratio', 'data-label': `ns a ${row.unit}` },
    el('span', { class: 'track', 'aria-hidden': 'true' }, el('span', { class: 'one', style: 'left:50%' }), bar, ...dots),
    el('span', {}, number(row.nsPerOp), el('small', {}, row.nsPerRound.length > 1 ? ` ${number(low)} … ${number(high)}` : ' one round')),
  )
}

function resultRow(judged: Judged): HTMLElement {
  const { row } = judged
  return el(
    'tr',
    judged.missed ? { class: 'missed-row' } : {},
    nameCell(judged),
    timeCell(row),
    ratioCell(judged.scaled, row.goal, 'vs C, scaled'),
    ratioCell(judged.bestPeer && row.nsPerOp / judged.bestPeer.nsPerOp, undefined, 'vs best peer'),
    el('td', { 'data-label': 'bytes an entry' }, row.bytesPerEntry === undefined ? '' : number(row.bytesPerEntry)),
    el('td', { 'data-label': 'bytes allocated an op' }, row.bytesPerOp === undefined ? '' : number(row.bytesPerOp)),
  )
}

export function familyOf(workload: string): string {
  const parts = workload.split('.')
  return parts[0] === 'dirty' ? `${parts[0]}.${parts[1]}` : parts[0]!
}

/** One table a family of workloads. */
export function resultTables(judged: readonly Judged[]): HTMLElement[] {
  const families = [...new Set(judged.map((j) => familyOf(j.row.workload)))]
  return families.map((family) => {
    const head = ['workload', 'ns', 'vs C, scaled', 'vs best peer', 'B/entry', 'B/op'].map((text) => el('th', { scope: 'col' }, text))
    const body = judged.filter((j) => familyOf(j.row.workload) === family).map(resultRow)
    return el('table', {}, el('caption', {}, family), el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...body))
  })
}

export function environmentList(environment: Environment): HTMLElement[] {
  const c = environment.calibration
  const facts: readonly [string, string][] = [
    ['Date', environment.date.slice(0, 16).replace('T', ' ')],
    ['Revision', `${environment.revision}${environment.dirty ? ' with changes' : ''}`],
    ['Processor', `${environment.cpu}, ${environment.cores} cores, ${environment.memoryGiB} GiB`],
    ['Node', `${environment.node}, V8 ${environment.v8}, ${environment.platform}`],
    ['Load at the start', String(environment.load)],
    [
      'Calibration',
      `hashChain ${c.hashChainNs} ns, randomRead ${c.randomReadNs} ns (4 MiB: ${c.nearReadNs} ns), sequentialRead ${c.sequentialReadNs} ns`,
    ],
    ['Machine factor', `${environment.machineFactor} (1 is the machine of the C reference)`],
  ]
  return facts.flatMap(([term, fact]) => [el('dt', {}, term), el('dd', {}, fact)])
}
