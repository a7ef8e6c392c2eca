// Layers: who may import whom (design section 2), by public entries only; leaf packages depend on nothing at run time.
import { dirname, join } from 'node:path/posix'
import { importsOf } from './parse.mjs'
import { shortName } from './project.mjs'

/** The arrows. A package that is not named here may import nothing of the project. */
export const ARROWS = {
  'interval-tree-span': [],
  xarray: [],
  'iova-bitmap': [],
  'simulated-iommu-hw': [],
  'pfn-reader': ['interval-tree-span', 'xarray'],
  'io-pagetable': ['pfn-reader', 'interval-tree-span', 'xarray'],
  iommufd: ['io-pagetable', 'pfn-reader', 'xarray', 'iova-bitmap'],
  machine: ['iommufd', 'simulated-iommu-hw'],
  // The recordings of structures are replayed through their packages, those of ioctls through the machine and the numbers of the ABI.
  conformance: ['machine', 'iommufd', 'interval-tree-span', 'xarray', 'iova-bitmap'],
  simulator: ['machine', 'iommufd', 'simulated-iommu-hw'],
}

/** Packages without any dependency at run time. */
export const LEAVES = ['interval-tree-span', 'xarray', 'iova-bitmap', 'simulated-iommu-hw']

const SCOPE = '@iommukit/'
const ENTRY = /^@iommukit\/([a-z0-9-]+)(\/check)?$/

export function layers(project) {
  return project.packages.flatMap((each) => [...manifestFindings(each), ...importFindings(project, each)])
}

function arrowsOf(project, each) {
  if (each.folder.startsWith('packages/')) return ARROWS[shortName(each)] ?? []
  return project.packages.filter((other) => other.folder.startsWith('packages/')).map(shortName)
}

function manifestFindings(each) {
  const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = each.manifest
  const names = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })
  if (!LEAVES.includes(shortName(each)) || names.length === 0) return []
  return [`${each.folder}/package.json: a leaf package has no dependency at run time, but has ${names.join(', ')}`]
}

function importFindings(project, each) {
  const findings = []
  const arrows = arrowsOf(project, each)
  const isTest = (path) => !path.startsWith(`${each.folder}/src/`) && !path.startsWith(`${each.folder}/workloads/`)
  for (const [path, text] of project.files) {
    if (!path.startsWith(`${each.folder}/`) || !/\.(m?ts|tsx)$/.test(path)) continue
    for (const { specifier, line } of importsOf(path, text)) {
      const problem = specifier.startsWith('.')
        ? leaving(project, each, path, specifier)
        : foreign(project, each, specifier, isTest(path) ? undefined : arrows)
      if (problem !== undefined) findings.push(`${path}:${line}: ${problem}`)
    }
  }
  return findings
}

/** A relative import of a source stays in its package; that of a test may go to the tools, but into no other package. */
function leaving(project, each, path, specifier) {
  const target = join(dirname(path), specifier)
  const owner = project.packages.find((other) => target.startsWith(`${other.folder}/`))
  if (owner === each || (owner === undefined && !path.startsWith(`${each.folder}/src/`))) return undefined
  return `'${specifier}' leaves the package: import a public entry`
}

/** A package of the project is imported by a public entry, and in sources only along an arrow. */
function foreign(project, each, specifier, arrows) {
  if (specifier !== 'iommukit' && !specifier.startsWith(SCOPE) && !specifier.startsWith('iommukit/')) {
    return arrows !== undefined && LEAVES.includes(shortName(each)) ? `a leaf package imports nothing, not '${specifier}'` : undefined
  }
  const target = project.packages.find((other) => other.manifest.name === specifier.replace(/\/check$/, ''))
  if (!ENTRY.test(specifier) || target?.folder.startsWith('packages/') === false) return `'${specifier}' is not a public entry of a package`
  const name = ENTRY.exec(specifier)[1]
  if (name === shortName(each) || arrows === undefined || arrows.includes(name)) return undefined
  return `no arrow leads from ${shortName(each)} to ${name}`
}
