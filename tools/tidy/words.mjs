// Words that do not belong in a finished project: unfinished work, tests left out, types silenced, paths of somebody's machine, constructs the style forbids.
import ts from 'typescript'
import { lineOf, parse, walk } from './parse.mjs'

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/
const MACHINE = /(^|[\s"'`(=:])(\/work\/|\/tmp\/bash|\/home\/[a-z]\w*\/|\/Users\/\w+\/|\/root\/)/
const LEFT_OUT = /\b(it|test|describe|suite|bench)(\.\w+)*\.(skip|only)\b/
const SILENCED = /@ts-ignore|@ts-nocheck/

export function words(project) {
  return [...project.files].flatMap(([path, text]) => {
    // The rule itself and its test must name what they look for.
    if (path.startsWith('tools/tidy/')) return []
    return [...lineFindings(path, text), ...(/\.m?tsx?$/.test(path) ? syntaxFindings(path, text) : [])]
  })
}

function lineFindings(path, text) {
  const isCode = /\.(m?ts|mjs|js|cjs|tsx|svelte)$/.test(path)
  const patterns = isCode ? [UNFINISHED, MACHINE, LEFT_OUT, SILENCED] : [UNFINISHED, MACHINE]
  return text.split('\n').flatMap((line, at) =>
    patterns.flatMap((pattern) => {
      const match = pattern.exec(line)
      return match === null ? [] : [`${path}:${at + 1}: '${match[0].trim()}' does not belong here`]
    }),
  )
}

function syntaxFindings(path, text) {
  const tree = parse(path, text)
  const isSource = /(^|\/)src\//.test(path)
  const findings = []
  walk(tree, (node) => {
    const what = forbidden(node, isSource)
    if (what !== undefined) findings.push(`${path}:${lineOf(tree, node)}: ${what} does not belong here`)
    return true
  })
  return findings
}

function forbidden(node, isSource) {
  if (ts.isAsExpression(node) && node.type.kind === ts.SyntaxKind.AnyKeyword) return "'as any'"
  if (ts.isEnumDeclaration(node)) return "'enum'"
  if (!isSource) return undefined
  if (ts.isExportAssignment(node)) return "'export default'"
  return ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((one) => one.kind === ts.SyntaxKind.DefaultKeyword)
    ? "'export default'"
    : undefined
}
