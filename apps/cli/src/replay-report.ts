import { type FamilyTally, type Mismatch, type ReplayReport, summaryLine } from '@iommukit/conformance'
import { firstDifference } from './difference.ts'

/** What one printed value may take; the whole of it is in the file of `--json`. */
const longestValue = 600

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > longestValue ? `${text.slice(0, longestValue)} … (${text.length} characters; --json writes them all)` : text
}

/** One mismatch as lines of text. */
function mismatchText(mismatch: Mismatch): string {
  const { script, operation, op, file, line, expected, got, when } = mismatch
  const where = firstDifference(expected, got)
  return [
    `mismatch: script ${script}, operation ${operation} (${op})${when === undefined ? '' : `, with ${when}`}`,
    `  in         ${file}:${line}`,
    `  arguments  ${shown(mismatch.arguments)}`,
    `  expected   ${shown(expected)}`,
    `  got        ${shown(got)}`,
    ...(where === '' ? [] : [`  differs    ${where}`]),
    '',
  ].join('\n')
}

function row(cells: readonly string[]): string {
  const [family = '', ...numbers] = cells
  return `${family.padEnd(34)}${numbers.map((cell) => cell.padStart(12)).join('')}\n`
}

/** A line a family, under a line of titles. */
function familyTable(families: readonly FamilyTally[]): string {
  const lines = families.map(({ kind, name, scripts, operations, mismatches }) =>
    row([`${kind}/${name}`, String(scripts), String(operations), String(mismatches)]),
  )
  return row(['family', 'scripts', 'operations', 'mismatches']) + lines.join('')
}

/** The report on stdout: the first `mismatchesShown` mismatches in full, the families, and as last line the summary. */
export function reportText(report: ReplayReport, mismatchesShown: number): string {
  const { differences } = report
  const rest = differences.length - mismatchesShown
  const told = differences.slice(0, mismatchesShown).map(mismatchText).join('\n')
  const more = rest > 0 ? `… and ${rest} more ${rest === 1 ? 'mismatch' : 'mismatches'} (--json FILE writes all)\n` : ''
  return `${told}${more}${told + more === '' ? '' : '\n'}${familyTable(report.families)}\n${summaryLine(report)}\n`
}

/** The same as data. `mismatches` is the number; `differences` has them all. */
export function reportJson(report: ReplayReport): string {
  const { scripts, operations, mismatches, families, differences, files, ignored } = report
  return `${JSON.stringify({ summary: summaryLine(report), scripts, operations, mismatches, families, differences, files, ignored }, null, 2)}\n`
}
