const mebibyte = 1 << 20
let arenaStart: Uint8Array | undefined

function arenaBytes(byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength)
  for (let i = 0; i < byteLength; i++) bytes[i] = i * 7 + (i >>> 12) * 31 + (i >>> 5)
  return bytes
}

/** What an arena of `byteLength` bytes holds at first. The first MiB is made once: nearly all scripts have just that. */
export function arenaContent(byteLength: number): Uint8Array {
  if (byteLength > mebibyte) return arenaBytes(byteLength)
  arenaStart ??= arenaBytes(mebibyte)
  return arenaStart.subarray(0, byteLength)
}

/** `byteLength` bytes of the pattern that scripts write, told apart by `seed`. */
export function seededPattern(seed: number, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength)
  const start = Math.imul(seed, 131)
  for (let i = 0; i < byteLength; i++) bytes[i] = start + i * 7 + (i >>> 8) * 13
  return bytes
}
