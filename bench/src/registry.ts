/** All scenarios, by the file that defines them, and the source line of each workload. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from './paths.ts'
import { type Scenario, withoutTwin } from './scenario.ts'

interface Source {
  /** First words of the names of its scenarios. */
  readonly families: readonly string[]
  load(): Promise<{ readonly scenarios: readonly Scenario[] }>
}

/** In the order of performance.md. */
export const sources: readonly Source[] = [
  { families: ['itree'], load: () => import('../workloads/interval-tree-span.ts') },
  { families: ['xa'], load: () => import('../workloads/xarray.ts') },
  { families: ['dirty.set'], load: () => import('../workloads/iova-bitmap.ts') },
  { families: ['map'], load: () => import('../workloads/map.ts') },
  { families: ['areas', 'alloc_iova'], load: () => import('../workloads/areas.ts') },
  { families: ['copy', 'attach', 'pin', 'pin4k', 'rw'], load: () => import('../workloads/sharing.ts') },
  { families: ['dirty.read', 'dom'], load: () => import('../workloads/domains.ts') },
]

/** Every scenario. */
export async function allScenarios(): Promise<readonly Scenario[]> {
  return (await Promise.all(sources.map((source) => source.load()))).flatMap((module) => module.scenarios)
}

/** One scenario, without loading those of other families: a third of the instructions of a process that counts them. */
export async function findScenario(name: string): Promise<Scenario> {
  const source = sources.find((each) => each.families.some((family) => name.startsWith(`${family}.`) || name === family))
  const found = (await source?.load())?.scenarios.find((scenario) => scenario.name === name)
  if (found === undefined) throw new RangeError(`there is no scenario '${name}'; \`pnpm bench --list\` names them all`)
  return found
}

/** A workload is `${scenario}/${phase}`; a filter matches any part of that name. Scenarios marked `extra` need a filter. */
export async function selectScenarios(filters: readonly string[]): Promise<{ scenario: Scenario; phases: string[] }[]> {
  const selected: { scenario: Scenario; phases: string[] }[] = []
  for (const scenario of await allScenarios()) {
    if (filters.length === 0 && scenario.extra) continue
    const phases = scenario.phases
      .map((phase) => phase.name)
      .filter((phase) => filters.length === 0 || filters.some((f) => `${scenario.name}/${phase}`.includes(withoutTwin(f))))
    if (phases.length > 0) selected.push({ scenario, phases })
  }
  return selected
}

const texts = new Map<string, readonly string[]>()

function linesOf(file: string): readonly string[] {
  let lines = texts.get(file)
  if (lines === undefined) {
    lines = readFileSync(join(projectFolder, file), 'utf8').split('\n')
    texts.set(file, lines)
  }
  return lines
}

/** Where a workload is defined, as `file:line`: the first line of the scenario's file that has the phase as a key or as a word in quotes. */
export function sourceLine(scenario: Scenario, phase: string): string {
  const named = new RegExp(`'${phase}'|(?<![\\w.])${phase}(: |\\()`)
  const at = linesOf(scenario.source).findIndex((line) => named.test(line))
  if (at < 0) throw new Error(`${scenario.source} does not name the phase '${phase}' of ${scenario.name}`)
  return `${scenario.source}:${at + 1}`
}
