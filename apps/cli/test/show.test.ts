// Examples (design section 7, kind 1): the picture of an IOVA space, its size, and that it shows what is there.
import { IoctlReplay, type IoctlScript, parseScript } from '@iommukit/conformance'
import { describe, expect, it } from 'vitest'
import { type Screen, showScript } from '../src/show-command.ts'
import { LayoutPlan } from '../src/space-layout.ts'
import { snapshot } from '../src/space-snapshot.ts'
import { byteText, colours, drawSpace, noPaint, PagesNames } from '../src/space-view.ts'
import { Capture, file, run, script } from './harness.ts'

const domainScript = {
  name: 'own/picture',
  arena: { kind: 'shared', pages: 128 },
  ops: [
    { op: 'ioas_alloc', out: 'i', result: { errno: 'OK', id: 1 } },
    { op: 'mock_domain', pt: '$i', stdev: 's', hwpt: 'h', idev: 'd', result: { errno: 'OK', stdev_id: 2, hwpt_id: 4, idev_id: 3 } },
    { op: 'ioas_map', ioas: '$i', iova: '0x1000000', length: '0x2000', uptr: '@0x0', flags: 7, result: { errno: 'OK', iova: '0x1000000' } },
    {
      op: 'ioas_map',
      ioas: '$i',
      iova: '0x1004000',
      length: '0x1000',
      uptr: '@0x1000',
      flags: 5,
      result: { errno: 'OK', iova: '0x1004000' },
    },
    { op: 'arena_protect', off: '0x3000', length: '0x1000', prot: 'none', result: { errno: 'OK' } },
    // A page that is pinned stays pinned, and is shown so, when it can no longer be reached.
    { op: 'arena_protect', off: '0x0', length: '0x1000', prot: 'none', result: { errno: 'OK' } },
  ],
}

function parsed(written: object): IoctlScript {
  return parseScript(JSON.stringify(written), 'own.jsonl', 1) as IoctlScript
}

function finalPicture(written: object): string[] {
  const read = parsed(written)
  const replay = new IoctlReplay(read, 'contiguous')
  const plan = new LayoutPlan()
  while (replay.step() !== undefined);
  const seen = snapshot(replay.world, { base: 0x1_0000_0000n, npages: read.arena.npages })
  plan.note(seen.spaces)
  const caption = { script: read.name, step: 5, steps: 5, operation: 'arena_protect', answer: 'OK' }
  return drawSpace(seen, plan.layout(), caption, new PagesNames(), noPaint)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours are control characters.
const bare = (text: string): string => text.replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, '')

describe('the picture', () => {
  const lines = finalPicture(domainScript)

  it('shows areas, holes, sharing and protection, from the live table', () => {
    // Cells of 2 KiB: two pages are four cells, the read-only page two.
    expect(lines.find((line) => line.includes('0x1000000'))).toBe(`   0x1000000 ${'AAAA····bb'.padEnd(64, '·')}`)
    expect(lines.join('\n')).toContain('IOAS 1: 2 areas, 1 page table, 0 accesses, align 2048')
  })

  it('shows the pins of every page: two maps of one page pin it twice', () => {
    expect(lines.join('\n')).toContain('User memory: 3 pins')
    expect(lines.find((line) => line.includes('page 0'))).toBe(`      page 0 12·x${'·'.repeat(60)}`)
  })

  it('shows what is outside the aperture as reserved', () => {
    const low = structuredClone(domainScript)
    low.ops.splice(1, 1)
    low.ops[1] = {
      op: 'ioas_map',
      ioas: '$i',
      iova: '0x0',
      length: '0x1000',
      uptr: '@0x0',
      flags: 7,
      result: { errno: 'OK', iova: '0x0' },
    } as never
    low.ops.push({ op: 'add_reserved', ioas: '$i', start: '0x3000', length: '0x1000', result: { errno: 'OK' } } as never)
    expect(finalPicture(low).find((line) => line.includes('0x0 '))).toContain('0x0 AA····░░')
  })

  it('is at most 24 lines of 80 columns, for spaces of every size', () => {
    for (const iovas of [
      ['0x0'],
      ['0x0', '0xffffffffffff0000'],
      Array.from({ length: 40 }, (_, k) => `0x${(k * 0x7654000).toString(16)}`),
    ]) {
      const wide = structuredClone(domainScript)
      wide.ops = [wide.ops[0]!]
      for (const iova of iovas)
        wide.ops.push({
          op: 'ioas_map',
          ioas: '$i',
          iova,
          length: '0x1000',
          uptr: '@0x0',
          flags: 7,
          result: { errno: 'OK', iova },
        } as never)
      const picture = finalPicture(wide)
      expect(picture.length).toBeLessThanOrEqual(24)
      for (const line of picture) expect(line.length).toBeLessThanOrEqual(80)
      expect(picture.join('\n')).toMatch(/A|\+/)
    }
  })
})

describe('show', () => {
  it('without a terminal prints the last picture only, without colours', async () => {
    const { code, out } = await run('show', 'own/map/1', '--in', file([script()]))
    expect(code).toBe(0)
    expect(out).toBe(bare(out))
    expect(out).toContain('operation 3 of 3')
    expect(out.split('\n').length).toBeLessThanOrEqual(25)
  })

  it('shows a bundled script without arguments', async () => {
    const { code, out } = await run('show')
    expect(code).toBe(0)
    expect(out).toMatch(/IOAS \d+: \d+ areas?/)
  })

  const screen = (waits: number): Screen & { output: Capture; waited: number } => ({
    output: new Capture(true, 80),
    animated: true,
    paint: colours,
    waited: 0,
    async wait() {
      return ++this.waited < waits
    },
  })

  it('on a terminal draws each operation over the last picture', async () => {
    const shown = screen(99)
    await showScript(parsed(domainScript), shown)
    // Every picture but the first goes up by the height of the one before.
    expect(shown.output.text.split(/\[\d+A/)).toHaveLength(6)
    for (let step = 1; step <= 6; step++) expect(bare(shown.output.text)).toContain(`operation ${step} of 6`)
  })

  it('skips to the last picture when asked to', async () => {
    const shown = screen(2)
    await showScript(parsed(domainScript), shown)
    const text = bare(shown.output.text)
    for (const [step, isThere] of [
      [1, true],
      [2, true],
      [3, false],
      [4, false],
      [5, false],
      [6, true],
    ] as const)
      expect(text.includes(`operation ${step} of 6`)).toBe(isThere)
  })
})

describe('byteText', () => {
  it.each([
    [2048n, '2 KiB'],
    [1n << 30n, '1 GiB'],
    [3n, '3 bytes'],
    [1536n, '1536 bytes'],
  ])('%s', (bytes, text) => {
    expect(byteText(bytes)).toBe(text)
  })
})
