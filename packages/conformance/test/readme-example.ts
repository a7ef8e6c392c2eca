import { replay, summaryLine } from '@iommukit/conformance'

const report = await replay({ paths: process.argv.slice(2) })
for (const { script, operation, op, expected, got } of report.differences) console.log(`${script} #${operation} ${op}:`, expected, got)
console.log(summaryLine(report))
