// All public calls of iova-bitmap in a seeded order.

const PAGE = 4096
const PAGES = 100_000
const ranged = ['count', 'clear', 'ranges', 'peek', 'harvest']
const fields = ['index', 'lastIndex', 'npages', 'iova', 'last', 'length', 'iovaHi', 'iovaLo', 'lastHi', 'lastLo']

/** Memory behind a source, some of whose pins fail. */
function sourceOf(player, bytes) {
  return {
    pin(offset, length, write) {
      player.log.push(`pin ${offset} ${length} ${write}`)
      if (player.below(6) === 0) throw new Error('no memory')
      return bytes.subarray(offset, offset + 1 + player.below(length))
    },
    unpin(view, dirty) {
      player.log.push(`unpin ${view.byteOffset} ${view.length} ${dirty}`)
    },
  }
}

function walk(player, cursor) {
  if (cursor === undefined) return
  for (let n = player.below(12); n > 0 && player.read(cursor, 'done') === false; n--) {
    for (const field of fields) player.read(cursor, field)
    player.call(cursor, 'next')
  }
  if (player.below(2) === 0) player.call(player.call(cursor, Symbol.iterator), 'next')
  player.call(cursor, 'close')
}

function range(player) {
  const length = player.pick([0, 1, 5, 300, 20_000]) * PAGE + player.below(PAGE)
  const iova = player.below(PAGES) * PAGE + player.below(3) * 2048
  return player.below(3) === 0 ? [BigInt(iova), BigInt(length)] : [iova, length]
}

function change(player, bitmap) {
  const [iova, length] = range(player)
  const halves = [Math.floor(Number(iova) / 2 ** 32), Number(iova) % 2 ** 32, Number(length)]
  const calls = [
    ['set', iova, length],
    ['setAt', ...halves],
    ['record', iova, length],
    ['recordAt', ...halves],
    ['takeRecordError'],
    ['clear', iova, length, { outward: player.below(2) === 0 }],
    ['setBatch', [range(player), range(player)].map(([start, bytes]) => ({ iova: start, length: bytes }))],
  ]
  player.call(bitmap, ...player.pick(calls))
}

function ask(player, bitmap, other) {
  const [iova, length] = range(player)
  player.call(bitmap, 'test', iova)
  player.call(bitmap, 'testRange', iova, length, player.pick(['any', 'all']))
  for (const member of ['iova', 'last', 'length', 'pageSize', 'npages', 'byteLength', 'stats']) player.read(bitmap, member)
  const member = player.pick(ranged)
  const answer = player.call(bitmap, member, iova, length)
  if (typeof answer === 'object') walk(player, answer)
  player.call(bitmap, player.pick(['or', 'andNot', 'equals']), other)
  if (player.below(5) > 0) return
  player.call(bitmap, 'forEach', (_, start, bytes) => player.log.push(`${start} ${bytes}`))
  player.call(bitmap, 'forEachWindow', (_, start, bytes) => player.log.push(`${start} ${bytes}`) === 0 || undefined)
}

async function playAsync(player, module) {
  const source = sourceOf(player, new Uint8Array(PAGES / 8))
  const bitmap = player.call(module.AsyncIovaBitmap, 'new', { iova: 0n, length: PAGES * PAGE, pageSize: PAGE, source })
  const settle = (promise) =>
    promise.then(
      (value) => player.log.push(String(value)),
      (error) => player.log.push(String(error), String(error.done)),
    )
  for (let n = 0; n < 40; n++) {
    await settle(player.call(bitmap, 'setAsync', ...range(player)))
    await settle(player.call(bitmap, 'forEachWindowAsync', (window) => player.log.push(String(window.count())) < 0 || undefined))
  }
  await settle(player.call(bitmap, 'freeAsync'))
}

export async function play(player, module, check, steps) {
  const covered = { iova: 0n, length: PAGES * PAGE, pageSize: PAGE }
  player.call(module.IovaBitmap, 'bytesNeeded', covered)
  const bitmaps = [
    player.call(module.IovaBitmap, 'new', { ...covered, buffer: new Uint8Array(PAGES / 8 + 3) }),
    player.call(module.IovaBitmap, 'new', { ...covered, iova: 4096n, pageSize: 8192n, buffer: new Uint8Array(PAGES / 8) }),
    player.call(module.IovaBitmap, 'new', {
      ...covered,
      dataOffset: 77,
      windowBytesMax: 3000,
      source: sourceOf(player, new Uint8Array(PAGES / 8)),
    }),
    player.call(module.SharedIovaBitmap, 'new', { ...covered, buffer: new SharedArrayBuffer(PAGES / 8 + 4) }),
  ]
  for (let step = 0; step < steps; step++) {
    const bitmap = player.pick(bitmaps)
    change(player, bitmap)
    ask(player, bitmap, player.pick(bitmaps))
    check.checkInvariants(bitmap)
  }
  for (const bitmap of bitmaps) for (const member of ['free', Symbol.dispose, 'count']) player.call(bitmap, member)
  player.call(module.IovaBitmapError, 'new', 1n, 2n, 3, undefined)
  await playAsync(player, module)
}
