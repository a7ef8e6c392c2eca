// Part of the build of a package whose hot files begin with `const { … } = layout`: writes the numbers of its dist/layout.js in place of those
// names, and of those that a module gives to numbers of its own, and leaves a 0 that is added out. The files on npm are thus smaller, and the code runs as if each number had been written there. Lines
// stay where they are, so that the source maps hold. In dist/layout.js itself each number stands alone: a sum of two is work that no bundler leaves out.
//
//   node ../../tools/packaging/fold-constants.mjs        in the folder of the package, after tsc

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const namespaceImport = /^import \* as layout from ['"]\.\/layout\.js['"];$/m
const declaration = /^const \{([^}]*)\} = layout;$/m
const ownNumber = /^const ([A-Z][A-Z0-9_]*) = (-?\d+)(?: \*\* (\d+))?;/gm

/** The numbers that a module takes from `layout`, by name. */
function takenFrom(constants, list) {
  const names = list.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]))
  for (const name of names) {
    if (typeof constants[name] !== 'number' || !/^[A-Z][A-Z_]*$/.test(name)) throw new Error(`${name} is no number of layout.js`)
  }
  return names.map((name) => [name, constants[name]])
}

/** The text of a module with the constants that it takes from `layout`, and the numbers that it names itself, written out. */
export function foldConstants(text, constants) {
  const found = declaration.exec(text)
  const own = [...text.matchAll(ownNumber)].map(([, name, base, power]) => [name, Number(base) ** Number(power ?? 1)])
  const values = new Map([...own, ...(found === null ? [] : takenFrom(constants, found[1]))])
  let rest = text.replace(ownNumber, '')
  if (found !== null) {
    rest = rest.replace(found[0], found[0].replace(/[^\n]/g, '')).replace(namespaceImport, '')
    if (/\blayout\./.test(rest.replace(/\/\/.*|\/?\*.*/g, ''))) throw new Error('layout is used by its name')
  }
  return rest.replace(/^(?!\s*(?:\/\/|\/?\*)).*$/gm, (line) =>
    line
      .replace(/ \+ ([A-Z][A-Z0-9_]*)\b(?! *[*/%(.])/g, (added, name) => (values.get(name) === 0 ? '' : added))
      .replace(/(?<![.\w])[A-Z][A-Z0-9_]*\b/g, (name) => String(values.get(name) ?? name)),
  )
}

/** The text of layout.js with each constant as its value. */
export function foldLayout(text, constants) {
  return text.replace(/^export const (\w+) = .*;$/gm, (_, name) => `export const ${name} = ${constants[name]};`)
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const dist = resolve('dist')
  const constants = await import(pathToFileURL(join(dist, 'layout.js')).href)
  for (const name of readdirSync(dist)) {
    if (!name.endsWith('.js')) continue
    const file = join(dist, name)
    const text = readFileSync(file, 'utf8')
    const folded = name === 'layout.js' ? foldLayout(text, constants) : foldConstants(text, constants)
    if (folded !== text) writeFileSync(file, folded)
  }
}
