// The shape of a package, and the first line of its test files.
import { filesOf, shortName } from './project.mjs'

/** Packages of structures: each has checks of its invariants as an entry of its own (design section 6, item 6). */
export const CHECKED = ['interval-tree-span', 'xarray', 'iova-bitmap', 'pfn-reader', 'io-pagetable']

export function packageShapes(project) {
  return project.packages
    .filter((each) => each.folder.startsWith('packages/'))
    .flatMap((each) => {
      const { folder, manifest } = each
      const missing = ['README.md', 'LICENSE'].filter((name) => (project.files.get(`${folder}/${name}`) ?? '').trim() === '')
      const findings = missing.map((name) => `${folder}: no ${name}`)
      if (filesOf(project, each, 'test', /\.test\.ts$/).length === 0) findings.push(`${folder}: no tests`)
      if (manifest.sideEffects !== false) findings.push(`${folder}/package.json: sideEffects is not false`)
      if (manifest.exports?.['.'] === undefined) findings.push(`${folder}/package.json: no entry '.'`)
      if (CHECKED.includes(shortName(each)) && manifest.exports?.['./check'] === undefined)
        findings.push(`${folder}/package.json: no entry './check'`)
      return findings
    })
}

/** The kinds of design section 7, by number or by name. */
const KIND =
  /\b(kinds? [1-8]|examples?|exhaustive|model|differential|fuzz|recordings?|vectors?|fail(ing)?-the-nth|simulator|real clients?|browser|types?)\b/i

export function testKinds(project) {
  const tests = [...project.files.keys()].filter((path) => /\.test\.(ts|mjs)$/.test(path))
  return tests.flatMap((path) => {
    const line = project.files.get(path).split('\n', 1)[0]
    return /^(\/\/|\/\*)/.test(line) && KIND.test(line) ? [] : [`${path}:1: the first line is no comment that names the kind of the tests`]
  })
}
