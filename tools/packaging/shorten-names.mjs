// Part of the build of a package whose size counts: writes short names in its dist/*.js for the properties that only the package itself uses.
// A bundler shortens variables, but must leave properties alone, as it cannot know who else uses them. Lines stay where they are, so that the
// source maps hold.
//
//   node ../../tools/packaging/shorten-names.mjs        in the folder of the package, after tsc

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { namesOf, sourcesOf } from './internal-names.mjs'

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** Calls back for each place of a module where a property is named by an identifier; `isShort`: as `{ name }`, where the name is a variable's too. */
function forEachProperty(text, callback) {
  const visit = (node) => {
    if (ts.isPropertyAccessExpression(node)) callback(node.name, false)
    else if (ts.isShorthandPropertyAssignment(node)) callback(node.name, true)
    else if (ts.isObjectLiteralElement(node) || ts.isClassElement(node)) callback(node.name, false)
    else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent) && node.dotDotDotToken === undefined) {
      callback(node.propertyName ?? node.name, node.propertyName === undefined)
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('module.js', text, ts.ScriptTarget.Latest, true))
}

/** The text of a module with `shortNames`, a map, in place of its keys wherever they name a property. */
export function shortenNames(text, shortNames) {
  const changes = []
  forEachProperty(text, (name, isShort) => {
    const short = name !== undefined && ts.isIdentifier(name) ? shortNames.get(name.text) : undefined
    if (short !== undefined) changes.push([name.getStart(), name.end, isShort ? `${short}: ${name.text}` : short])
  })
  let shortened = text
  for (const [start, end, insert] of changes.sort((a, b) => b[0] - a[0])) {
    shortened = shortened.slice(0, start) + insert + shortened.slice(end)
  }
  return shortened
}

function* shortCandidates(prefix, taken) {
  for (const first of ['', ...letters]) {
    for (const letter of letters) if (!taken.has(prefix + first + letter)) yield prefix + first + letter
  }
}

/**
 * A short name for each internal one that the modules use, the most frequent first, equals by the alphabet. None is among `taken`. Hidden ones begin
 * with an underscore: a class that extends one of the package's does not meet them by accident.
 */
export function shortNamesFor(texts, { internal, hidden, taken }) {
  const uses = new Map()
  for (const text of texts) {
    forEachProperty(text, (name) => {
      if (name !== undefined && internal.has(name.text)) uses.set(name.text, (uses.get(name.text) ?? 0) + 1)
    })
  }
  const names = [...uses.keys()].sort((a, b) => uses.get(b) - uses.get(a) || (a < b ? -1 : 1))
  const plain = shortCandidates('', taken)
  const underscored = shortCandidates('_', taken)
  return new Map(names.map((name) => [name, (hidden.has(name) ? underscored : plain).next().value]))
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const { program, entries } = sourcesOf(resolve(), JSON.parse(readFileSync('package.json', 'utf8')))
  const files = readdirSync('dist').filter((name) => name.endsWith('.js'))
  const texts = files.map((name) => readFileSync(join('dist', name), 'utf8'))
  const shortNames = shortNamesFor(texts, namesOf(program, entries))
  for (const [k, name] of files.entries()) writeFileSync(join('dist', name), shortenNames(texts[k], shortNames))
}
