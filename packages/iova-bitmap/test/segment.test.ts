// A segment worked on by bytes only, as on a big-endian host, gives the bytes of one worked on by words (kind 3).
import { expect, it } from 'vitest'
import { BitSegment } from '../src/segment.ts'
import { seeded } from './oracle.ts'

it('bytes and words agree on 20,000 random calls', () => {
  const below = seeded(42)
  for (let round = 0; round < 100; round++) {
    const nbytes = 1 + below(40)
    const byteOffset = below(8)
    const byWords = new BitSegment(new Uint8Array(new ArrayBuffer(64), byteOffset, nbytes), true)
    const byBytes = new BitSegment(new Uint8Array(new ArrayBuffer(64), byteOffset, nbytes), false)
    expect(byBytes.words).toHaveLength(0)
    expect(byBytes.headBits).toBe(nbytes * 8)
    for (let call = 0; call < 200; call++) {
      const first = below(nbytes * 8)
      const last = first + below(nbytes * 8 - first)
      const method = (['set', 'clear', 'clear'] as const)[below(3)]!
      byWords[method](first, last)
      byBytes[method](first, last)
      const at = below(nbytes * 8)
      const to = Math.max(last, at)
      const answers = [byBytes, byWords].map((segment) => {
        const run = segment.nextRun(at, to)
        return [segment.count(at, to), run, run > to || segment.runEnd, segment.nextClear(at, to), segment.test(at)].join()
      })
      if (answers[0] !== answers[1] || Buffer.compare(byBytes.bytes, byWords.bytes) !== 0)
        expect.unreachable(`${answers.join(' and ')} at ${at}..${to}`)
    }
  }
})
