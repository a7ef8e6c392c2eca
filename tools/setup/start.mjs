// `npm start`: everything that is missing is set up, then the recordings are replayed and one of them is shown.
import { join } from 'node:path'
import { root, run, setUp } from './steps.mjs'

setUp()
process.exitCode = run(process.execPath, [join(root, 'apps', 'cli', 'dist', 'start.js'), ...process.argv.slice(2)])
