import { RESERVED, type Reserved, XArray64, XaCursor64 } from '@iommukit/xarray'
import { hex, plain, sameAnswer } from './answer.ts'
import { type Mismatch, type ScriptOutcome, thrown } from './mismatch.ts'
import type { Answer, AnswerValue, XarrayOperation, XarrayScript } from './recording.ts'

/** Entries are small integers; `undefined` is no entry. */
type Entry = number | undefined
type Recorded = XarrayOperation['arguments'][number]
type Handler = (array: XArray64<number>, args: readonly Recorded[]) => Answer

const listMax = 400

const index = (value: Recorded | undefined): bigint => value as bigint
const mark = (value: Recorded | undefined): 0 | 1 | 2 => Number(value) as 0 | 1 | 2
/** `p` asks for any entry, otherwise for those with a mark. */
const filter = (value: Recorded | undefined): 0 | 1 | 2 | undefined => (value === 'p' ? undefined : mark(value))

/** An entry to be stored. Where the reserved one may be given, storing none reserves. */
function entry(value: Recorded | undefined): Entry {
  return typeof value === 'number' ? value : undefined
}

/** An entry as recorded: `ZERO` is the reserved one, which only cursors show. */
function shown(value: Entry | Reserved): AnswerValue {
  return value === RESERVED ? 'ZERO' : value === undefined ? null : (value as number)
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return code
  throw error
}

/** Runs what answers only with an errno. */
function attempt(run: () => void): string {
  try {
    run()
    return 'OK'
  } catch (error) {
    return codeOf(error)
  }
}

function cursorItem(cursor: XaCursor64<number>, found: Entry | Reserved): AnswerValue {
  return [hex(cursor.index), shown(found)]
}

/** xas_for_each: after each `every`-th entry it erases (`e`) and pauses (`p`), as the actions say. */
function iterate(array: XArray64<number>, [start, max, every, actions]: readonly Recorded[]): Answer {
  const cursor = new XaCursor64(array, index(start))
  const list: AnswerValue[] = []
  for (let found = cursor.find(index(max)); found !== undefined; found = cursor.find(index(max))) {
    list.push(cursorItem(cursor, found))
    if (every === 0 || list.length % (every as number) !== 0) continue
    if ((actions as string).includes('e')) cursor.store(undefined)
    if ((actions as string).includes('p')) cursor.pause()
  }
  return { list }
}

function iterateMarked(array: XArray64<number>, [start, max, which]: readonly Recorded[]): Answer {
  const cursor = new XaCursor64(array, index(start))
  const list: AnswerValue[] = []
  for (let found = cursor.findMarked(index(max), mark(which)); found !== undefined; found = cursor.findMarked(index(max), mark(which)))
    list.push(cursorItem(cursor, found))
  return { list }
}

function walk(array: XArray64<number>, [start, steps]: readonly Recorded[]): Answer {
  const cursor = new XaCursor64(array, index(start))
  return { list: [...(steps as string)].map((step) => cursorItem(cursor, step === 'n' ? cursor.next() : cursor.prev())) }
}

function conflicts(array: XArray64<number>, [at, order]: readonly Recorded[]): Answer {
  const cursor = new XaCursor64(array, index(at))
  cursor.setOrder(index(at), order as number)
  const list: AnswerValue[] = []
  for (let found = cursor.findConflict(); found !== undefined; found = cursor.findConflict()) list.push(shown(found))
  return { list }
}

/** xa_find, then xa_find_after until nothing is found. */
function forEach(array: XArray64<number>, [start, last, which]: readonly Recorded[]): Answer {
  const list: AnswerValue[] = []
  for (let found = array.find(index(start), index(last), filter(which)); found !== undefined && list.length < listMax; ) {
    list.push([hex(found.index), shown(found.entry)])
    found = array.findAfter(found.index, index(last), filter(which))
  }
  return { list }
}

function findWith(found: { index: bigint; entry: number } | undefined, asked: bigint): Answer {
  return found === undefined ? { entry: null, index: hex(asked) } : { entry: shown(found.entry), index: hex(found.index) }
}

function allocate(array: XArray64<number>, [min, max, value]: readonly Recorded[]): Answer {
  try {
    const id = array.alloc(entry(value), { min: index(min), max: index(max) })
    return id === undefined ? { rc: 'EBUSY' } : { rc: 'OK', id: plain(id) }
  } catch (error) {
    return { rc: codeOf(error) }
  }
}

function allocateCyclic(array: XArray64<number>, [min, max, next, value]: readonly Recorded[]): Answer {
  const ids = { next: index(next) }
  try {
    const made = array.allocCyclic(entry(value), { min: index(min), max: index(max) }, ids)
    if (made === undefined) return { rc: 'EBUSY', next: plain(ids.next) }
    return { rc: made.wrapped ? 'WRAPPED' : 'OK', id: plain(made.id), next: plain(ids.next) }
  } catch (error) {
    return { rc: codeOf(error), next: plain(ids.next) }
  }
}

const handlers: Readonly<Record<string, Handler>> = {
  load: (array, [at]) => ({ entry: shown(array.load(index(at))) }),
  erase: (array, [at]) => ({ old: shown(array.erase(index(at))) }),
  store: (array, [at, value]) => ({ old: shown(array.store(index(at), entry(value))) }),
  cmpxchg(array, [at, old, value]) {
    const { current } = array.cmpxchg(index(at), old === 'RESERVED' ? RESERVED : entry(old), entry(value))
    // The kernel's answer does not tell a reserved entry from none.
    return { old: current === RESERVED ? null : shown(current) }
  },
  insert: (array, [at, value]) => ({ rc: array.insert(index(at), entry(value)) ? 'OK' : 'EBUSY' }),
  reserve: (array, [at]) => ({ rc: attempt(() => array.reserve(index(at))) }),
  release(array, [at]) {
    array.release(index(at))
    return {}
  },
  alloc: allocate,
  alloc_cyclic: allocateCyclic,
  store_range(array, [first, last, value]) {
    const code = attempt(() => array.storeRange(index(first), index(last), entry(value)))
    return { ret: code === 'OK' ? null : code }
  },
  get_order: (array, [at]) => ({ order: array.getOrder(index(at)) }),
  set_mark(array, [at, which]) {
    array.setMark(index(at), mark(which))
    return {}
  },
  clear_mark(array, [at, which]) {
    array.clearMark(index(at), mark(which))
    return {}
  },
  get_mark: (array, [at, which]) => ({ set: array.getMark(index(at), mark(which)) }),
  marked: (array, [which]) => ({ set: array.marked(mark(which)) }),
  find: (array, [at, max, which]) => findWith(array.find(index(at), index(max), filter(which)), index(at)),
  find_after: (array, [at, max, which]) => findWith(array.findAfter(index(at), index(max), filter(which)), index(at)),
  for_each: forEach,
  extract: (array, [start, max, amount, which]) => ({
    list: array.extract(index(start), index(max), amount as number, filter(which)).map(shown),
  }),
  empty: (array) => ({ empty: array.isEmpty }),
  destroy(array) {
    array.clear()
    return { empty: array.isEmpty }
  },
  xas_iter: iterate,
  xas_iter_marked: iterateMarked,
  xas_walk: walk,
  xas_store_order: (array, [at, order, value]) => ({ err: attempt(() => array.storeOrder(index(at), order as number, entry(value))) }),
  xas_conflict: conflicts,
}

function make(flavour: Recorded | undefined): XArray64<number> {
  return flavour === '0' ? new XArray64<number>() : new XArray64<number>({ alloc: flavour === 'a' ? 0 : 1 })
}

/** Makes the array of the script and runs its operations through the package's public interface. */
export function replayXarrayScript(script: XarrayScript): ScriptOutcome {
  const mismatches: Mismatch[] = []
  let array = new XArray64<number>()
  for (const [k, { op, arguments: args, recordedArguments, expected }] of script.operations.entries()) {
    let got: AnswerValue = {}
    try {
      if (op === 'new') array = make(args[0])
      else got = handlers[op]!(array, args)
    } catch (error) {
      got = thrown(error)
    }
    if (sameAnswer(expected, got)) continue
    const { kind, file, line, name } = script
    mismatches.push({ kind, file, line, script: name, operation: k + 1, op, arguments: recordedArguments, expected, got })
  }
  return { operations: script.operations.length, mismatches }
}
