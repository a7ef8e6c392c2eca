/** Arithmetic on 32-bit words. */

/** Number of the lowest set bit of a word that is not 0. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}

export function bitsOf(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/**
 * Set bits of words `first`..`last`. Eight words at a time go through carry-save adders, which leave two words to be counted
 * where there were eight. Cost: workload phase `count` of `dirty.set.*`.
 */
function bitsOfWords(words: Int32Array, first: number, last: number): number {
  let fours = 0
  let ones = 0
  let twos = 0
  let w = first
  for (; w + 7 <= last; w += 8) {
    let a = words[w]!
    let b = words[w + 1]!
    let half = ones ^ a
    let carryA = (ones & a) | (half & b)
    ones = half ^ b
    a = words[w + 2]!
    b = words[w + 3]!
    half = ones ^ a
    let carryB = (ones & a) | (half & b)
    ones = half ^ b
    half = twos ^ carryA
    const fourA = (twos & carryA) | (half & carryB)
    twos = half ^ carryB
    a = words[w + 4]!
    b = words[w + 5]!
    half = ones ^ a
    carryA = (ones & a) | (half & b)
    ones = half ^ b
    a = words[w + 6]!
    b = words[w + 7]!
    half = ones ^ a
    carryB = (ones & a) | (half & b)
    ones = half ^ b
    half = twos ^ carryA
    fours += bitsOf(fourA) + bitsOf((twos & carryA) | (half & carryB))
    twos = half ^ carryB
  }
  let total = 4 * fours + 2 * bitsOf(twos) + bitsOf(ones)
  for (; w <= last; w++) total += bitsOf(words[w]!)
  return total
}

/** Runs of at most this many words are written by a loop; for longer ones the call of `fill` has paid for itself. */
const LOOP_WORDS_MAX = 48

/** Sets bits `first`..`last` of words. */
export function setInWords(words: Int32Array, first: number, last: number): void {
  setSpan(words, wordOf(first), wordOf(last), -1 << (first & 31), -1 >>> (31 - (last & 31)))
}

/**
 * Sets the bits of `low` and above in word `w`, all of the words between, and the bits of `high` and below in word `z`; both masks' bits when they are one.
 * Cost: two words read and written, and a store for each 32 bits between; workloads `dirty.set.*`.
 */
export function setSpan(words: Int32Array, w: number, z: number, low: number, high: number): void {
  if (w === z) {
    words[w] = words[w]! | (low & high)
    return
  }
  words[w] = words[w]! | low
  words[z] = words[z]! | high
  const behind = z - w // where the words between end, counted from w
  if (behind > LOOP_WORDS_MAX) words.fill(-1, w + 1, z)
  else if (behind > 8) {
    // Eight at a time; the last eight may write some of them twice, which is cheaper than a loop for the rest.
    const tail = z - 8
    for (let i = w + 1; ; i = Math.min(i + 8, tail)) {
      words[i] = -1
      words[i + 1] = -1
      words[i + 2] = -1
      words[i + 3] = -1
      words[i + 4] = -1
      words[i + 5] = -1
      words[i + 6] = -1
      words[i + 7] = -1
      if (i === tail) return
    }
  } else for (let i = w + 1; i < z; i++) words[i] = -1
}

/** Clears bits `first`..`last` of words. */
export function clearInWords(words: Int32Array, first: number, last: number): void {
  const w = wordOf(first)
  const z = wordOf(last)
  const low = -1 << (first & 31)
  const high = -1 >>> (31 - (last & 31))
  if (w === z) {
    words[w] = words[w]! & ~(low & high)
    return
  }
  words[w] = words[w]! & ~low
  if (z - w > LOOP_WORDS_MAX) words.fill(0, w + 1, z)
  else for (let i = w + 1; i < z; i++) words[i] = 0
  words[z] = words[z]! & ~high
}

/** Set bits among `first`..`last` of words. */
export function countInWords(words: Int32Array, first: number, last: number): number {
  const w = wordOf(first)
  const z = wordOf(last)
  const low = -1 << (first & 31)
  const high = -1 >>> (31 - (last & 31))
  if (w === z) return bitsOf(words[w]! & low & high)
  return bitsOf(words[w]! & low) + bitsOf(words[z]! & high) + bitsOfWords(words, w + 1, z - 1)
}

/** Where `runInWords` leaves the end of the run: the first bit behind it. */
export interface RunEnd {
  runEnd: number
}

/**
 * The first set bit among `first`..`last` of words, or `last + 1`; the first clear bit behind it goes to `into.runEnd`.
 * Cost: a load for each 32 bits passed over; workload phase `ranges` of `dirty.set.*`.
 */
export function runInWords(words: Int32Array, first: number, last: number, into: RunEnd): number {
  const z = last <= 0x7fffffff ? last >>> 5 : Math.floor(last / 32)
  let w = first <= 0x7fffffff ? first >>> 5 : Math.floor(first / 32)
  let word = words[w]! & (-1 << (first & 31))
  while (word === 0) {
    w += 1
    while (w + 3 <= z && (words[w]! | words[w + 1]! | words[w + 2]! | words[w + 3]!) === 0) w += 4
    if (w > z) break
    word = words[w]!
  }
  into.runEnd = last + 1
  if (word === 0) return last + 1
  const low = 31 - Math.clz32(word & -word)
  const bit = w * 32 + low
  if (bit > last) return last + 1
  const behind = ~(word >> low) // the sign fills up from above: 0 when the run reaches the word's end
  const end = behind === 0 ? nextClearInWords(words, w * 32 + 31, last) : bit + 31 - Math.clz32(behind & -behind)
  if (end <= last) into.runEnd = end
  return bit
}

/** The first word among `first`..`last` that is not 0, or else the last one. A load for each word passed over. */
export function skipZeros(words: Int32Array, first: number, last: number): number {
  let w = first
  while (w + 3 <= last && (words[w]! | words[w + 1]! | words[w + 2]! | words[w + 3]!) === 0) w += 4
  while (w < last && words[w] === 0) w += 1
  return Math.min(w, last)
}

/** The first clear bit among `first`..`last` of words, or `last + 1`. */
export function nextClearInWords(words: Int32Array, first: number, last: number): number {
  const z = wordOf(last)
  let w = wordOf(first)
  let word = ~words[w]! & (-1 << (first & 31))
  while (word === 0) {
    w += 1
    while (w + 3 <= z && (words[w]! & words[w + 1]! & words[w + 2]! & words[w + 3]!) === -1) w += 4
    if (w > z) return last + 1
    word = ~words[w]!
  }
  return Math.min(w * 32 + lowestBit(word), last + 1)
}

/** Word of a bit. Bits beyond 2^31 are divided, as `>>>` would cut them. */
function wordOf(bit: number): number {
  return bit <= 0x7fffffff ? bit >>> 5 : Math.floor(bit / 32)
}
