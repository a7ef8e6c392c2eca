/** All scenarios, by the file that defines them. A scenario's module is loaded only when it is asked for. */
import type { Scenario } from './scenario.ts'

type Module = { readonly scenarios: readonly Scenario[] }

const modules: readonly (() => Promise<Module>)[] = [
  () => import('../workloads/interval-tree-span.ts'),
  () => import('../workloads/xarray.ts'),
  () => import('../workloads/iova-bitmap.ts'),
  () => import('../workloads/map.ts'),
  () => import('../workloads/areas.ts'),
  () => import('../workloads/sharing.ts'),
  () => import('../workloads/domains.ts'),
]

let loaded: readonly Scenario[] | undefined

/** Every scenario in the order of performance.md. */
export async function allScenarios(): Promise<readonly Scenario[]> {
  loaded ??= (await Promise.all(modules.map((load) => load()))).flatMap((module) => module.scenarios)
  return loaded
}

export async function findScenario(name: string): Promise<Scenario> {
  const found = (await allScenarios()).find((scenario) => scenario.name === name)
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
      .filter((phase) => filters.length === 0 || filters.some((f) => `${scenario.name}/${phase}`.includes(f)))
    if (phases.length > 0) selected.push({ scenario, phases })
  }
  return selected
}
