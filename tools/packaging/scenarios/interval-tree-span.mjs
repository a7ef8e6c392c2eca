// All public calls of interval-tree-span in a seeded order.

const members = { overlaps: ['start', 'last', 'handle'], spans: ['start', 'last', 'isHole'], nspans: ['start', 'last', 'usedBy'] }
members.holes = ['start', 'last', 'position']
const halves = ['startHi', 'startLo', 'lastHi', 'lastLo']

function show64(key) {
  return [Number(key >> 32n), Number(key & 0xffff_ffffn)]
}

/** Walks a cursor for some steps: all its fields, sometimes an advance, then what is left by iterating. */
function walk(player, cursor, kind, key, is64) {
  if (cursor === undefined) return
  const fields = is64 ? [...members[kind], ...halves] : members[kind]
  for (let step = player.below(6); step > 0 && player.read(cursor, 'done') === false; step--) {
    for (const field of fields) player.read(cursor, field)
    if (kind === 'holes' && is64) for (const field of ['positionHi', 'positionLo']) player.read(cursor, field)
    if (kind === 'spans' && player.below(4) === 0) player.write(cursor, 'start', cursor.start)
    if (kind === 'overlaps' || player.below(3) > 0) player.call(cursor, 'next')
    else if (is64 && player.below(2) === 0) player.call(cursor, 'advanceAt', ...show64(key()))
    else player.call(cursor, 'advance', key())
  }
  const rest = player.call(cursor, Symbol.iterator)
  for (let n = 0; n < 5; n++) player.call(rest, 'next')
}

/** `grows`: more is inserted than removed, else only removed. */
function change(player, tree, other, handles, window, payload, grows, is64) {
  const at = player.below(handles.length)
  const handle = handles[at]
  const act = grows ? player.below(8) : 7
  if (act < 5) handles.push(player.call(tree, 'insert', ...window, payload))
  else if (act < 7 && is64) handles.push(player.call(tree, 'insertAt', ...window.flatMap(show64), payload))
  else {
    player.call(tree, 'remove', handle)
    if (player.below(20) > 0 && handles.length > 1) handles.splice(at, 1)
  }
  if (!grows && player.below(1000) === 0) player.call(tree, 'clear')
  for (const field of ['start', 'last', 'payload', 'has']) player.call(tree, field, handle)
  if (is64) for (const field of halves) player.call(tree, field, handle)
  player.read(tree, 'size')
  player.read(tree, 'isEmpty')
  player.call(other, 'has', handle)
}

function ask(player, module, trees, handles, window, key, is64) {
  const [tree] = trees
  const suffix = is64 ? '64' : ''
  const cut = is64 ? window.flatMap(show64) : []
  player.call(tree, 'iterFirst', ...window)
  player.call(tree, 'iterNext', player.pick(handles), ...window)
  walk(player, player.call(tree, 'overlaps', ...window), 'overlaps', key, is64)
  walk(player, player.call(tree, 'spans', ...window), 'spans', key, is64)
  walk(player, player.call(module[`OverlapCursor${suffix}`], 'new', tree, ...window), 'overlaps', key, is64)
  walk(player, player.call(module[`SpanCursor${suffix}`], 'new', tree, ...(is64 ? cut : window)), 'spans', key, is64)
  walk(player, player.call(module[`DoubleSpanCursor${suffix}`], 'new', ...trees, ...window), 'nspans', key, is64)
  walk(player, player.call(module[`NSpanCursor${suffix}`], 'new', trees, ...window), 'nspans', key, is64)
  const number = is64 ? BigInt : Number
  const length = number(player.below(9))
  const options = { from: window[0], last: window[1], alignment: number(2 ** player.below(4)), phase: number(player.below(2)) }
  player.call(tree, 'firstHole', length, options)
  walk(player, player.call(tree, 'holes', length, options), 'holes', key, is64)
  walk(player, player.call(module[`HoleCursor${suffix}`], 'new', tree, length, options), 'holes', key, is64)
  if (!is64) return
  player.call(tree, 'iterFirstAt', ...cut)
  player.call(tree, 'iterNextAt', player.pick(handles), ...cut)
  walk(player, player.call(tree, 'overlapsAt', ...cut), 'overlaps', key, is64)
  walk(player, player.call(tree, 'spansAt', ...cut), 'spans', key, is64)
  walk(player, player.call(tree, 'holesAt', 0, player.below(9), ...cut), 'holes', key, is64)
}

function playTrees(player, module, check, is64, steps) {
  const Tree = is64 ? module.IntervalTree64 : module.IntervalTree
  const offsets = is64 ? [0n, 0xffff_fff0n, 2n ** 64n - 300n] : [0, 2 ** 53 - 300]
  const key = () => player.pick(offsets) + (is64 ? BigInt(player.below(300)) : player.below(300))
  const trees = [player.call(Tree, 'new'), player.call(Tree, 'new')]
  const handles = [[0], [0]]
  for (let step = 0; step < steps; step++) {
    const which = player.below(2)
    const first = key()
    const length = is64 ? BigInt(player.below(12)) : player.below(12)
    const window = player.below(30) === 0 ? [key(), key()] : [first, first + length]
    const grows = step % 1000 < 600
    change(player, trees[which], trees[1 - which], handles[which], window, step, grows, is64)
    if (player.below(10) === 0) ask(player, module, [trees[which], trees[1 - which]], handles[which], [key(), key()], key, is64)
    if (player.below(300) === 0) {
      const json = player.call(trees[which], 'toJSON')
      trees[which] = player.call(Tree, 'fromJSON', JSON.parse(JSON.stringify(json)))
      handles[which] = [0]
      const sorted = json.intervals.map(([start, last]) => (is64 ? [BigInt(start), BigInt(last), 'p'] : [start, last, 'p']))
      player.call(Tree, 'fromSorted', sorted)
      player.call(Tree, 'fromSorted', sorted.reverse())
    }
    if (player.below(20) === 0) check.checkInvariants(trees[which])
  }
}

export function play(player, module, check, steps) {
  playTrees(player, module, check, false, steps)
  playTrees(player, module, check, true, steps)
}
