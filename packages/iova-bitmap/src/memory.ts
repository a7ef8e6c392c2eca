/** The caller's memory, as bytes. Kinds are told by name, not by `instanceof`, so that buffers of another realm are welcome. */

/** Memory for a bitmap: a buffer, or a view of one at any byte offset. */
export type BitmapMemory = ArrayBufferLike | ArrayBufferView

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

export function isBytes(value: unknown): value is Uint8Array {
  return kindOf(value) === 'Uint8Array'
}

export function isShared(bytes: Uint8Array): boolean {
  return kindOf(bytes.buffer) === 'SharedArrayBuffer'
}

/** The first `nbytes` bytes of `buffer`, not copied. TypeError: not memory; RangeError: too short. */
export function bytesOf(buffer: BitmapMemory, nbytes: number): Uint8Array {
  const kind = kindOf(buffer)
  const isBuffer = kind === 'ArrayBuffer' || kind === 'SharedArrayBuffer'
  if (!isBuffer && !ArrayBuffer.isView(buffer)) throw new TypeError(`buffer must be a buffer or a view of one, got ${kind}`)
  if (buffer.byteLength < nbytes) throw new RangeError(`buffer has ${buffer.byteLength} bytes, the bitmap needs ${nbytes}`)
  return ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, nbytes) : new Uint8Array(buffer, 0, nbytes)
}
