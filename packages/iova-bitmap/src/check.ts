/** Checks of a bitmap's inner state, for tests (entry `./check`). */
import { type IovaBitmap, internalsOf } from './iova-bitmap.ts'

/** Throws an Error that says what is wrong, if anything is. O(1): the content of the bitmap is the caller's. */
export function checkInvariants(bitmap: IovaBitmap): void {
  const { geometry, window } = internalsOf(bitmap, 'bitmap')
  const { segment, view } = window
  const { npages, nbytes } = geometry
  must(npages >= 1 && npages <= 2 ** 53, `npages is ${npages}`)
  must(BigInt(npages) === ((geometry.lastIova - geometry.iova) >> BigInt(geometry.pageShift)) + 1n, 'npages does not follow from the range')
  must(nbytes === Math.ceil(npages / 8), `nbytes is ${nbytes} for ${npages} pages`)
  const pinned = view === undefined ? 0 : 1
  must(window.pins === window.unpins + pinned, `${window.pins} pins, ${window.unpins} unpins, ${pinned} pinned`)
  must(segment.headBits + segment.words.length * 32 === segment.wordsLast + 1, 'the words do not end where they should')
  must(segment.bytes.length * 8 - segment.wordsLast - 1 < 32, 'more than three bytes behind the words')
  if (window.isFreed) {
    must(window.last === -1 && window.writeLast === -1 && pinned === 0, 'a freed bitmap has a window')
  } else if (!window.isStreaming) {
    must(window.first === 0 && window.last === npages - 1 && window.writeLast === window.last, 'a window in memory is not the whole bitmap')
    must(segment.bytes.length === nbytes, 'the memory is not the size of the bitmap')
  } else if (pinned === 1) {
    must(window.first % 8 === 0 && window.first <= window.last && window.last < npages, `the window is ${window.first}..${window.last}`)
    must(window.last === Math.min(window.first + segment.bytes.length * 8, npages) - 1, 'the window does not end where its bytes do')
    must(segment.bytes.length <= window.plan.bytesAt(window.first / 8), 'more is pinned than may be')
    must(window.writeLast === window.last || window.writeLast === -1, 'the window is half writable')
  } else {
    must(window.last === -1 && window.writeLast === -1, 'a window without memory')
  }
}

function must(holds: boolean, message: string): void {
  if (!holds) throw new Error(`IovaBitmap invariant: ${message}`)
}
