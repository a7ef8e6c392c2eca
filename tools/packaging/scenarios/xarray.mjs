// All public calls of xarray in a seeded order.

function changeArray(player, array, index, entry) {
  const order = player.below(10)
  const [first, last] = [index(), index()].sort((a, b) => (a < b ? -1 : 1))
  const is64 = typeof first === 'bigint'
  const limits = { min: first, max: last }
  const calls = [
    ['store', index(), entry],
    ['store', index(), undefined],
    ['set', index(), entry],
    ['insert', index(), entry],
    ['erase', index()],
    ['delete', index()],
    ['cmpxchg', index(), undefined, entry],
    ['reserve', index()],
    ['release', index()],
    ['storeOrder', index(), order, entry],
    ['storeRange', first, first + (is64 ? BigInt(player.below(700)) : player.below(700)), entry],
    ['split', index(), order, entry],
    ['splitAround', index(), order],
    ['trySplit', index(), order, entry],
    ['alloc', entry, limits],
    ['allocCyclic', entry, limits, { next: index() }],
    ['setMark', index(), player.below(3)],
    ['setMark', index(), player.below(3)],
    ['clearMark', index(), player.below(3)],
  ]
  player.call(array, ...player.pick(calls))
  if (player.below(300) === 0) player.call(array, player.pick(['clear', 'destroy']))
}

function askArray(player, array, index) {
  const at = index()
  const window = { first: index(), last: index(), mark: player.pick([undefined, 0, 1, 2]) }
  const bounds = [at, index(), window.mark]
  for (const member of ['load', 'get', 'has', 'getOrder']) player.call(array, member, at)
  for (const member of ['find', 'findAfter', 'findIndex']) player.call(array, member, ...bounds)
  player.call(array, 'getMark', at, player.below(3))
  player.call(array, 'marked', player.below(3))
  player.read(array, 'isEmpty')
  player.read(array, 'size')
  if (player.below(10) > 0) return
  player.call(array, 'conflicts', window.first, window.last)
  player.call(array, 'extract', window.first, window.last, 20, window.mark)
  player.call(array, 'forEach', (entry, each) => player.log.push(`${each} ${entry}`), window)
  for (const member of ['entries', 'keys', 'values', Symbol.iterator]) {
    const all = player.call(array, member, window)
    for (let n = 0; n < 8; n++) player.call(all, 'next')
  }
}

function stepCursor(player, cursor, index, entry, is64) {
  const calls = [
    ['set', index()],
    ['setOrder', index(), player.below(10)],
    ['load'],
    ['store', player.pick([entry, undefined])],
    ['next'],
    ['prev'],
    ['find', index()],
    ['find', index()],
    ['findMarked', index(), player.below(3)],
    ['findConflict'],
    ['pause'],
    ['reset'],
    ['getMark', player.below(3)],
    ['setMark', player.below(3)],
    ['clearMark', player.below(3)],
    ['initMarks'],
    ['getOrder'],
    ['forEach', index(), (found) => player.log.push(String(found))],
  ]
  player.call(cursor, ...player.pick(calls))
  for (const member of is64 ? ['index', 'indexHi', 'indexLo', 'error'] : ['index', 'error']) player.read(cursor, member)
  if (player.below(40) === 0) player.write(cursor, 'error', player.pick([undefined, 'EIO']))
}

/** `spread`: of how many neighbours the indexes are; of few, the array is often empty. */
function playArray(player, module, check, { is64, alloc, spread }, steps) {
  const offsets = is64 ? [0n, 250n, 0xffff_ff00n, 2n ** 64n - 700n] : [0, 250, 0xffff_ff00, 2 ** 53 - 700]
  const index = () => player.pick(offsets) + (is64 ? BigInt(player.below(spread)) : player.below(spread))
  const array = player.call(is64 ? module.XArray64 : module.XArray, 'new', { alloc })
  const cursor = player.call(is64 ? module.XaCursor64 : module.XaCursor, 'new', array, index())
  for (let step = 0; step < steps; step++) {
    changeArray(player, array, index, `e${step}`)
    askArray(player, array, index)
    stepCursor(player, cursor, index, `c${step}`, is64)
    if (player.below(10) > 0) continue
    check.checkInvariants(array)
    player.log.push(`${check.countNodes(array)} nodes`)
  }
}

function playIds(player, module, steps) {
  const ids = player.call(module.IdAllocator, 'new', { min: 3, max: 700 })
  for (let step = 0; step < steps; step++) {
    const calls = [
      ['alloc'],
      ['alloc', player.below(800)],
      ['free', player.below(800)],
      ['reserve', player.below(800)],
      ['has', player.below(800)],
    ]
    player.call(ids, ...player.pick(calls))
    for (const member of ['size', 'min', 'max']) player.read(ids, member)
  }
  player.log.push([...ids].join())
  player.tried.add('IdAllocator.Symbol(Symbol.iterator)')
  player.call(ids, 'clear')
}

export function play(player, module, check, steps) {
  for (const is64 of [false, true]) {
    for (const alloc of [undefined, 0, 1]) {
      for (const spread of [2, 700]) playArray(player, module, check, { is64, alloc, spread }, steps / 4)
    }
  }
  playIds(player, module, steps)
  for (let order = 0; order < 64; order++) player.log.push(`trySplitMinOrder ${module.trySplitMinOrder(order)}`)
  player.call(module.XArrayError, 'new', 'EINVAL', 'text')
}
