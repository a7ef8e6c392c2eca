// `pnpm bench …`: the benchmark app on a fresh build.
import { join } from 'node:path'
import { root, run, setUp } from './steps.mjs'

setUp()
process.exitCode = run(process.execPath, [join(root, 'bench', 'dist', 'src', 'main.js'), ...process.argv.slice(2)])
