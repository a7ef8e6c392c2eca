// Part of the build of a package whose hot files begin with `const { … } = layout`: writes the numbers of its dist/layout.js in place of those
// names, and leaves a 0 that is added out. The files on npm are thus smaller, and the code runs as if each number had been written there. Lines
// stay where they are, so that the source maps hold.
//
//   node ../../tools/packaging/fold-constants.mjs        in the folder of the package, after tsc

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const namespaceImport = /^import \* as layout from ['"]\.\/layout\.js['"];$/m
const declaration = /^const \{([^}]*)\} = layout;$/m

/** The text of a module with the constants that it takes from `layout` written out. */
export function foldConstants(text, constants) {
  const found = declaration.exec(text)
  if (found === null) return text
  const names = found[1].split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]))
  for (const name of names) {
    if (typeof constants[name] !== 'number' || !/^[A-Z][A-Z_]*$/.test(name)) throw new Error(`${name} is no number of layout.js`)
  }
  const rest = text.replace(found[0], found[0].replace(/[^\n]/g, '')).replace(namespaceImport, '')
  if (/\blayout\./.test(rest.replace(/\/\/.*|\/?\*.*/g, ''))) throw new Error('layout is used by its name')
  return rest.replace(/^(?!\s*(?:\/\/|\/?\*)).*$/gm, (line) =>
    line
      .replace(/ \+ ([A-Z][A-Z_]*)\b(?! *[*/%(.])/g, (added, name) => (names.includes(name) && constants[name] === 0 ? '' : added))
      .replace(/(?<![.\w])[A-Z][A-Z_]*\b/g, (name) => (names.includes(name) ? String(constants[name]) : name)),
  )
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const dist = resolve('dist')
  const constants = await import(pathToFileURL(join(dist, 'layout.js')).href)
  for (const name of readdirSync(dist)) {
    if (!name.endsWith('.js')) continue
    const file = join(dist, name)
    const text = readFileSync(file, 'utf8')
    const folded = foldConstants(text, constants)
    if (folded !== text) writeFileSync(file, folded)
  }
}
