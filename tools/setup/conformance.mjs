// `pnpm conformance [PATH…]`: the same as `iommukit replay [PATH…]`, on a fresh build.
import { join } from 'node:path'
import { root, run, setUp } from './steps.mjs'

setUp()
process.exitCode = run(process.execPath, [join(root, 'apps', 'cli', 'dist', 'bin.js'), 'replay', ...process.argv.slice(2)], {
  cwd: process.cwd(),
})
