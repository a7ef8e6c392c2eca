import { DoubleSpanCursor64, type IntervalHandle, IntervalTree64, SpanCursor64 } from '@iommukit/interval-tree-span'
import { hex, sameAnswer } from './answer.ts'
import { type Mismatch, type ScriptOutcome, thrown } from './mismatch.ts'
import type { AnswerValue, IntervalTreeScript, TreeQuery } from './recording.ts'

/** A tree whose intervals carry the number in which they were added. */
type Tree = IntervalTree64<number>

function build(script: IntervalTreeScript): readonly [Tree, Tree] {
  const trees: [Tree, Tree] = [new IntervalTree64<number>(), new IntervalTree64<number>()]
  const handles: [IntervalHandle[], IntervalHandle[]] = [[], []]
  for (const change of script.build) {
    const added = handles[change.tree]
    if (change.change === 'add') added.push(trees[change.tree].insert(change.start, change.last, added.length))
    else trees[change.tree].remove(added[change.id]!)
  }
  return trees
}

function nodes(tree: Tree, { first, last }: TreeQuery): AnswerValue {
  const ids: number[] = []
  for (let handle = tree.iterFirst(first, last); handle !== undefined; handle = tree.iterNext(handle, first, last))
    ids.push(tree.payload(handle))
  return ids
}

function state(cursor: SpanCursor64): AnswerValue {
  return cursor.done ? ['done'] : [cursor.isHole ? 'hole' : 'used', hex(cursor.start), hex(cursor.last)]
}

function spans(tree: Tree, { first, last }: TreeQuery): AnswerValue {
  const list: AnswerValue[] = []
  for (const cursor = new SpanCursor64(tree, first, last); !cursor.done; cursor.next()) list.push(state(cursor))
  return list
}

function walk(tree: Tree, { first, last, steps }: TreeQuery): AnswerValue {
  const cursor = new SpanCursor64(tree, first, last)
  const list = [state(cursor)]
  for (const step of steps) {
    if (step === 'next') cursor.next()
    else cursor.advance(step)
    list.push(state(cursor))
  }
  return list
}

function doubleSpans(a: Tree, b: Tree, { first, last }: TreeQuery): AnswerValue {
  const list: AnswerValue[] = []
  for (const cursor = new DoubleSpanCursor64(a, b, first, last); !cursor.done; cursor.next())
    list.push([cursor.usedBy, hex(cursor.start), hex(cursor.last)])
  return list
}

function answer([a, b]: readonly [Tree, Tree], query: TreeQuery): AnswerValue {
  switch (query.query) {
    case 'nodes':
      return nodes(a, query)
    case 'span':
      return spans(a, query)
    case 'walk':
      return walk(a, query)
    case 'dspan':
      return doubleSpans(a, b, query)
  }
}

/** Builds the trees of the script and asks every query; one query is one operation. */
export function replayIntervalTreeScript(script: IntervalTreeScript): ScriptOutcome {
  const mismatches: Mismatch[] = []
  let trees: readonly [Tree, Tree] | undefined
  for (const [k, query] of script.queries.entries()) {
    let got: AnswerValue
    try {
      trees ??= build(script)
      got = answer(trees, query)
    } catch (error) {
      got = thrown(error)
    }
    if (sameAnswer(query.expected, got)) continue
    const { kind, file, line, name } = script
    const { recordedArguments, expected } = query
    mismatches.push({ kind, file, line, script: name, operation: k + 1, op: query.query, arguments: recordedArguments, expected, got })
  }
  return { operations: script.queries.length, mismatches }
}
