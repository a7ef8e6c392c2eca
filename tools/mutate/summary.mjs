// What a report of Stryker says, in few words.

/**
 * What became of the mutants, by state, and each one that was not noticed as a line: where, and what was put in place of what. `doubtful` are these, and
 * those that ran out of time by the clock, which a busy machine may be to blame for; each with the range by which Stryker is asked for it.
 */
export function summary({ files }) {
  const states = {}
  const survivors = []
  const doubtful = []
  for (const [path, { mutants, source }] of Object.entries(files)) {
    const lines = source.split('\n')
    for (const { status, statusReason, location, mutatorName, replacement } of mutants) {
      states[status] = (states[status] ?? 0) + 1
      const isSurvivor = status === 'Survived' || status === 'NoCoverage'
      if (!isSurvivor && (status !== 'Timeout' || /hit limit/i.test(statusReason ?? ''))) continue
      const { start, end } = location
      const from = lines[start.line - 1].slice(start.column - 1, start.line === end.line ? end.column - 1 : undefined)
      const line = `${path}:${start.line}:${start.column} ${status} ${mutatorName}: ${from} -> ${(replacement ?? '').replace(/\s+/g, ' ')}`
      if (isSurvivor) survivors.push(line)
      // Columns are counted from 0 here, and from 1 in the report.
      doubtful.push({ line, range: `${path}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}` })
    }
  }
  return { states, survivors, doubtful }
}

/** Noticed, failed or timed out, among those tried, in per cent, and the counts. What is never run counts as not noticed; static ones were not tried. */
export function scoreOf({ Killed = 0, Timeout = 0, Survived = 0, NoCoverage = 0, Ignored = 0, CompileError = 0, RuntimeError = 0 }) {
  const all = Killed + Timeout + Survived + NoCoverage
  const score = all === 0 ? 100 : ((Killed + Timeout) / all) * 100
  return `${score.toFixed(2)} % (${Killed} killed, ${Timeout} timed out, ${Survived} survived, ${NoCoverage} never run; ${Ignored} static, ${CompileError + RuntimeError} in error)`
}
