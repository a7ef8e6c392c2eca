import { hex } from './answer.ts'
import type { JsonObject, RecordedLine } from './recorded-line.ts'
import type { AnswerValue, IntervalTreeScript, TreeChange, TreeQuery } from './recording.ts'

type TreeIndex = 0 | 1

/** Reads `["add", start, last]`, `["del", id]`, or with two trees `["add", tree, start, last]`, `["del", tree, id]`. */
function parseBuild(line: RecordedLine, value: unknown, twoTrees: boolean): readonly TreeChange[] {
  const added: [boolean[], boolean[]] = [[], []]
  return line.array(value, 'build').map((item, k): TreeChange => {
    const where = `build[${k}]`
    const [change, ...rest] = line.array(item, where)
    const tree = (twoTrees ? line.integer(rest.shift(), `${where}[1]`, 1) : 0) as TreeIndex
    const alive = added[tree]
    if (line.oneOf(change, `${where}[0]`, ['add', 'del']) === 'add') {
      if (rest.length !== 2) line.fail(where, `expected ["add", ${twoTrees ? 'tree, ' : ''}start, last]`)
      const [start, last] = [line.u64(rest[0], where), line.u64(rest[1], where)]
      if (start > last) line.fail(where, `the interval ${hex(start)} .. ${hex(last)} is inverted`)
      alive.push(true)
      return { change: 'add', tree, start, last }
    }
    if (rest.length !== 1) line.fail(where, `expected ["del", ${twoTrees ? 'tree, ' : ''}id]`)
    const id = line.integer(rest[0], where)
    if (alive[id] !== true) line.fail(where, `interval ${id} is not in the tree`)
    alive[id] = false
    return { change: 'del', tree, id }
  })
}

function parseSpan(
  line: RecordedLine,
  value: unknown,
  where: string,
  kindOf: (kind: unknown, where: string) => string | number,
): AnswerValue {
  const [kind, first, last, ...rest] = line.array(value, where)
  if (rest.length > 0) line.fail(where, 'expected [kind, start, last]')
  return [kindOf(kind, `${where}[0]`), hex(line.u64(first, `${where}[1]`)), hex(line.u64(last, `${where}[2]`))]
}

function parseExpected(line: RecordedLine, query: TreeQuery['query'], value: unknown, where: string): AnswerValue {
  const usedOrHole = (kind: unknown, at: string): string => line.oneOf(kind, at, ['used', 'hole'])
  return line.array(value, where).map((item, k): AnswerValue => {
    const at = `${where}[${k}]`
    if (query === 'nodes') return line.integer(item, at)
    if (query === 'dspan') return parseSpan(line, item, at, (kind, kindAt) => line.integer(kind, kindAt, 2))
    const isDone = query === 'walk' && Array.isArray(item) && item.length === 1 && item[0] === 'done'
    return isDone ? ['done'] : parseSpan(line, item, at, usedOrHole)
  })
}

function parseQuery(line: RecordedLine, value: unknown, where: string, twoTrees: boolean): TreeQuery {
  const recorded = line.object(value, where)
  line.requireFields(recorded, where, ['q', 'first', 'last', 'result'])
  const query = line.oneOf(recorded.q, `${where}.q`, twoTrees ? ['dspan'] : ['nodes', 'span', 'walk'])
  line.onlyFields(recorded, where, ['q', 'first', 'last', 'result', ...(query === 'walk' ? ['steps'] : [])])
  if (query === 'walk') line.requireFields(recorded, where, ['steps'])
  const { q: _q, result, ...recordedArguments } = recorded
  return {
    query,
    first: line.u64(recorded.first, `${where}.first`),
    last: line.u64(recorded.last, `${where}.last`),
    steps: line
      .array(recorded.steps ?? [], `${where}.steps`)
      .map((step, k) => (step === 'n' ? 'next' : line.u64(step, `${where}.steps[${k}]`))),
    recordedArguments,
    expected: parseExpected(line, query, result, `${where}.result`),
  }
}

/** Reads the line of an interval-tree script; queries named `dspan` ask two trees, all others one. */
export function parseIntervalTreeScript(line: RecordedLine, value: JsonObject): IntervalTreeScript {
  line.onlyFields(value, '', ['name', 'seed', 'build', 'queries'])
  line.requireFields(value, '', ['name', 'build', 'queries'])
  const queries = line.array(value.queries, 'queries')
  const twoTrees = queries.some((query) => (query as { q?: unknown } | null)?.q === 'dspan')
  return {
    kind: 'interval-tree-span',
    name: line.string(value.name, 'name'),
    file: line.file,
    line: line.line,
    build: parseBuild(line, value.build, twoTrees),
    queries: queries.map((query, k) => parseQuery(line, query, `queries[${k}]`, twoTrees)),
  }
}
