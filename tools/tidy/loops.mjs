// Loops: the device layer has none over pages (its work goes by ranges and runs), and hot files have no bigint in any.
import ts from 'typescript'
import { isLoop, lineOf, parse, walk } from './parse.mjs'
import { filesOf, shortName } from './project.mjs'
import { isSentence } from './sizes.mjs'

/** Names of pages and frames. */
const PAGES = /[pP]age(s|Index|Number)?$|[pP]fn|npages|PAGE_SIZE/

/** Packages whose loops are counted in nanoseconds. */
export const HOT = ['pfn-reader', 'interval-tree-span', 'xarray', 'iova-bitmap']

export function pageLoops(project) {
  const device = project.packages.filter((each) => shortName(each) === 'iommufd')
  const paths = device.flatMap((each) => filesOf(project, each, 'src'))
  return paths.flatMap((path) =>
    inLoops(path, project.files.get(path), (node) => (ts.isIdentifier(node) && PAGES.test(node.text) ? node.text : undefined)),
  )
}

export function bigintLoops(project) {
  const allowed = project.allow.bigint ?? {}
  const hot = project.packages.filter((each) => each.folder.startsWith('packages/') && HOT.includes(shortName(each)))
  const paths = hot.flatMap((each) => filesOf(project, each, 'src'))
  const found = new Map(paths.map((path) => [path, inLoops(path, project.files.get(path), bigintOf)]))
  const findings = paths.flatMap((path) => (isSentence(allowed[path]) ? [] : found.get(path)))
  const idle = Object.keys(allowed).filter((path) => (found.get(path) ?? []).length === 0)
  return [...findings, ...idle.map((path) => `tools/tidy/allow.json: ${path} has no bigint in a loop`)]
}

function bigintOf(node) {
  if (ts.isBigIntLiteral(node)) return node.text
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'BigInt' ? 'BigInt(' : undefined
}

/** What `find` says of the nodes in the heads and bodies of loops; types are not code. */
function inLoops(path, text, find) {
  const tree = parse(path, text)
  const findings = new Set()
  walk(tree, (node) => {
    if (!isLoop(node)) return true
    walk(node, (inner) => {
      if (ts.isTypeNode(inner)) return false
      const found = find(inner)
      if (found !== undefined) findings.add(`${path}:${lineOf(tree, inner)}: ${found} in a loop`)
      return true
    })
    return true
  })
  return [...findings]
}
