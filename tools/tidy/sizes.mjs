// Sizes: a file in src of up to 300 lines, a function of up to 70, unless allow.json says why not in one sentence.
import { isFunction, lineOf, nameOf, parse, walk } from './parse.mjs'
import { sourcesOf } from './project.mjs'

export const FILE_LINES_MAX = 300
export const FUNCTION_LINES_MAX = 70

export function sizes(project) {
  const allowed = project.allow.sizes ?? {}
  const findings = sourcesOf(project).flatMap((path) => {
    const found = tooLong(path, project.files.get(path))
    if (found.length > 0 && isSentence(allowed[path])) return []
    return found
  })
  const idle = Object.keys(allowed).filter((path) => !project.files.has(path) || tooLong(path, project.files.get(path)).length === 0)
  return [...findings, ...idle.map((path) => `tools/tidy/allow.json: ${path} needs no leave for its size`)]
}

/** A reason that a reader can judge. */
export function isSentence(text) {
  return typeof text === 'string' && text.split(/\s+/).length >= 5 && text.endsWith('.')
}

function tooLong(path, text) {
  const found = []
  const lines = text.trimEnd().split('\n').length
  if (lines > FILE_LINES_MAX) found.push(`${path}: ${lines} lines, more than ${FILE_LINES_MAX}`)
  const tree = parse(path, text)
  walk(tree, (node) => {
    if (!isFunction(node)) return true
    const first = lineOf(tree, node)
    const length = tree.getLineAndCharacterOfPosition(node.end).line + 2 - first
    if (length > FUNCTION_LINES_MAX) found.push(`${path}:${first}: ${nameOf(node)} has ${length} lines, more than ${FUNCTION_LINES_MAX}`)
    return true
  })
  return found
}
