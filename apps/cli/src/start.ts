// What `npm start` runs, once everything is set up.
import { start } from './start-view.ts'

process.exitCode = await start(process.argv.slice(2), process)
