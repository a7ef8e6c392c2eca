// Examples (kind 1) of what is done without a search, and without a walk up: both ways give the same answers, so that only counting tells them apart.
import { IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import { describe, expect, it, vi } from 'vitest'
import { HoleScan } from '../src/hole-scan.ts'
import { COUNT, NEXT, PARENT, PREV, START, STRIDE, TAG, WIDTH } from '../src/layout.ts'
import { fetchAhead, fetchNode, IntervalStore } from '../src/store.ts'
import { windowOf } from '../src/window64.ts'

type Field = 'changed' | 'gaps' | 'height' | 'keys' | 'leafOf' | 'maxKey' | 'root' | 'words'

/** How often a call reads or sets a field of the tree's store. */
function usesOf({ store }: { store: IntervalStore }, field: Field, call: () => void): number {
  const fields = store as unknown as Record<Field, unknown>
  let value = fields[field]
  let uses = 0
  const again = { configurable: true, enumerable: true }
  Object.defineProperty(store, field, {
    ...again,
    get: () => {
      uses++
      return value
    },
    set: (changed: unknown) => {
      uses++
      value = changed
    },
  })
  call()
  Object.defineProperty(store, field, { ...again, value, writable: true })
  return uses
}

// The calls of both trees that are used here take numbers, and what they give is compared as such.
const trees = [
  ['IntervalTree', () => new IntervalTree()],
  ['IntervalTree64', () => new IntervalTree64() as unknown as IntervalTree],
] as const

describe.each(trees)('%s', (_, make) => {
  /** Intervals at 0, step, 2 · step, … */
  function filled(n: number, step: number, length = 4): { tree: IntervalTree; handles: number[] } {
    const tree = make()
    const handles = Array.from({ length: n }, (_, k) => tree.insert(k * step, k * step + length - 1))
    return { tree, handles }
  }

  describe('a search for a hole', () => {
    it('asks for a position only in the gap that is long enough', () => {
      const { tree, handles } = filled(100, 8)
      tree.remove(handles[50]!)
      const fits = vi.spyOn(HoleScan.prototype as unknown as { fits(): boolean }, 'fits')
      expect(Number(tree.firstHole(12))).toBe(396)
      expect(fits).toHaveBeenCalledTimes(1)
      fits.mockRestore()
    })
  })

  describe('a cursor over spans', () => {
    const shown = (cursor: { isHole: boolean; start: number; last: number }): unknown[] => [
      cursor.isHole,
      Number(cursor.start),
      Number(cursor.last),
    ]

    it.each([10, 2048, 5000])('takes the next interval of a leaf at once if it leaves a hole: every %d', (step) => {
      const { tree } = filled(8, step)
      const cursor = tree.spans(0, 100 * step)
      const walk = (): void => {
        for (let k = 0; k < 6; k++) {
          expect(shown(cursor)).toEqual([false, k * step, k * step + 3])
          cursor.next()
          expect(shown(cursor)).toEqual([true, k * step + 4, k * step + step - 1])
          cursor.next()
        }
      }
      expect(usesOf(tree, 'words', walk)).toBe(0)
    })

    it('does not search for an index in its span, nor in the interval ahead', () => {
      const { tree } = filled(6, 10)
      const cursor = tree.spans(0, 1000)
      const advance = (index: number): number => usesOf(tree, 'root', () => cursor.advance(index))
      expect([advance(2), shown(cursor)]).toEqual([0, [false, 2, 3]])
      expect([advance(13), shown(cursor)]).toEqual([0, [false, 13, 13]])
      expect([advance(15), shown(cursor)]).toEqual([0, [true, 15, 19]])
      expect([advance(17), shown(cursor)]).toEqual([0, [true, 17, 19]])
      expect([advance(20), shown(cursor)]).toEqual([0, [false, 20, 23]])
      expect([advance(44), shown(cursor)]).toEqual([1, [true, 44, 49]])
    })
  })

  describe('a cursor over overlaps', () => {
    it('takes the next interval at once where it is well inside the window, in the next leaf too', () => {
      const { tree, handles } = filled(100, 5000)
      const cursor = tree.overlaps(0, 1_000_000)
      cursor.next()
      const seen: number[] = []
      const walk = (): void => {
        for (; seen.length < 98; cursor.next()) seen.push(cursor.handle)
      }
      // Two questions when it enters one of six leaves: which it is, and how many entries it has.
      expect(usesOf(tree, 'words', walk)).toBe(2 * 6)
      expect(seen).toEqual(handles.slice(1, -1))
    })

    it('goes on from its interval after a change elsewhere, without a search', () => {
      const { tree, handles } = filled(100, 5000)
      const cursor = tree.overlaps(0, 1_000_000)
      for (const at of [3, 16, 50]) {
        while (cursor.handle !== handles[at]) cursor.next()
        tree.insert(900_000, 900_000)
        expect(usesOf(tree, 'root', () => cursor.next())).toBe(0)
        expect(cursor.handle).toBe(handles[at + 1])
      }
    })
  })

  it('the interval last found is not looked up again', () => {
    const { tree, handles } = filled(100, 10)
    expect(usesOf(tree, 'leafOf', () => expect(Number(tree.start(handles[50]!))).toBe(500))).toBe(1)
    expect(usesOf(tree, 'leafOf', () => expect(Number(tree.last(handles[50]!))).toBe(503))).toBe(0)
    const found = tree.iterFirst(700, 710)!
    expect(usesOf(tree, 'leafOf', () => expect(Number(tree.start(found))).toBe(700))).toBe(0)
  })

  it('a query compares no entry of a node whose lasts ascend, and the one next to an interval is found at once', () => {
    const { tree, handles } = filled(100, 5000)
    // The memory, the interval's start, and its handle.
    expect(usesOf(tree, 'keys', () => expect(tree.iterFirst(5000 * 44 + 9, 5000 * 90)).toBe(handles[45]))).toBe(3)
    const next = (k: number): void => expect(tree.iterNext(handles[k]!, 5000, 5000 * 90)).toBe(handles[k + 1])
    tree.has(handles[15]!)
    expect(usesOf(tree, 'words', () => next(15))).toBe(2)
    tree.has(handles[4]!)
    expect(usesOf(tree, 'words', () => next(4))).toBe(1)
  })

  describe('a change of which nothing above its leaf tells', () => {
    /** The first start of a full leaf in the middle, but for one interval of it: of 48 leaves under four nodes under a root. */
    const at = 16 * 20 * 5000
    const made = (): { tree: IntervalTree; handles: number[] } => {
      const all = filled(768, 5000)
      expect(all.tree.store.height).toBe(2)
      all.tree.remove(all.handles[16 * 20 + 5]!)
      return all
    }

    it.each([
      ['was never asked for holes', false, 0],
      ['was asked for holes', true, 2],
    ])(
      'is an insertion in the midst of a leaf, and a removal there: no node above is told, also in a tree that %s',
      (_case, isAsked, noted) => {
        for (const [field, uses] of [
          ['gaps', [1, 1]],
          ['changed', [noted, 0]],
          ['root', [2, 0]],
        ] as const) {
          const { tree } = made()
          if (isAsked) tree.firstHole(4997)
          let handle = 0
          const insertion = usesOf(tree, field, () => {
            handle = tree.insert(at + 25_000, at + 25_003)
          })
          expect([field, insertion, usesOf(tree, field, () => tree.remove(handle))]).toEqual([field, ...uses])
          checkInvariants(tree)
        }
      },
    )

    it('is an insertion that begins where the leaf does: the node above is asked, but none above that', () => {
      const [one, other] = [made().tree, made().tree]
      expect(usesOf(one, 'maxKey', () => void one.insert(at, at + 3))).toBe(0)
      expect(usesOf(other, 'gaps', () => void other.insert(at, at + 3))).toBe(2)
      checkInvariants(one)
    })

    it('is a removal that leaves four', () => {
      const { tree, handles } = made()
      for (const k of [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]) tree.remove(handles[16 * 20 + k]!)
      expect(tree.store.words[tree.store.leafOf[16 * 20]! * 2 + COUNT]).toBe(5)
      expect(usesOf(tree, 'root', () => tree.remove(handles[16 * 20 + 12]!))).toBe(0)
      checkInvariants(tree)
    })
  })

  it('of a leaf whose lasts are known to ascend the entries are not compared', () => {
    const { tree, handles } = filled(24, 10)
    const uses = [usesOf(tree, 'keys', () => void tree.insert(240, 243)), usesOf(tree, 'keys', () => tree.remove(handles[4]!))]
    for (let k = 25; k < 32; k++) tree.insert(k * 10, k * 10 + 3)
    uses.push(usesOf(tree, 'keys', () => void tree.insert(320, 323)))
    // To look at the entries of a leaf again would be eight more, or fourteen.
    for (const [k, most] of [12, 6, 22].entries()) expect(uses[k]).toBeLessThanOrEqual(most)
  })
})

it('a window of halves in order is checked without being made', () => {
  const made = windowOf(1n, 2n)
  const tree = new IntervalTree64()
  tree.insertAt(0, 5, 1, 0)
  tree.insertAt(3, 5, 3, 5)
  tree.insertAt(3, 5, 3, 6)
  expect(made).toEqual({ firstKey: 1, firstTie: 0, lastKey: 2, lastTie: 0 })
})

describe('what a high tree has in no cache is fetched', () => {
  /** The lines of memory that a call reads of leaves, as [leaf, line], in a stand-in for a tree of some height that holds these words and keys. */
  function linesOf(height: number, words: Record<number, number>, call: (store: IntervalStore) => void): [number, number][] {
    const store = new IntervalStore(false)
    store.height = height
    store.keys = new Float64Array(1000)
    const lines: [number, number][] = []
    const filled = new Uint32Array(2000)
    for (const [word, value] of Object.entries(words)) filled[Number(word)] = value
    store.words = new Proxy(filled, {
      get(target, word) {
        const unit = Number(word) >> 1
        const leaf = leaves.find((each) => unit >= each && unit < each + STRIDE)
        if (leaf !== undefined) lines.push([leaf, (unit - leaf) >> 3])
        return target[Number(word)]
      },
    })
    call(store)
    return lines
  }

  /** Three leaves under a node, and what the head and the tags of that node say; in front of it, a node over one leaf. */
  const leaves = [108, 212, 316]
  const parent = 56
  const before = 420
  const leafBefore = 524
  const family: Record<number, number> = {
    [2 * parent + COUNT]: 3,
    [2 * parent + PREV]: before,
    [2 * before + COUNT]: 2,
    [2 * before + NEXT]: parent,
    [2 * (before + TAG)]: leafBefore,
    [2 * leafBefore + PARENT]: before,
  }
  for (const [k, leaf] of leaves.entries()) {
    family[2 * (parent + TAG + k)] = leaf
    family[2 * leaf + PARENT] = parent
  }

  it('all seven lines of a node, from a height of four on', () => {
    expect(linesOf(3, {}, (store) => expect(fetchNode(store, 108)).toBe(false))).toEqual([])
    const lines = linesOf(4, {}, (store) => expect(fetchNode(store, 108)).toBe(false))
    expect(lines).toEqual([0, 1, 2, 3, 4, 5, 6].map((line) => [108, line]))
  })

  it('and whatever is in it, the answer is that there is nothing to be done', () => {
    const all = Object.fromEntries(Array.from({ length: 104 }, (_, k) => [2 * 108 + k, 0xffffffff]))
    for (let count = 0; count <= WIDTH; count++) {
      linesOf(4, { ...all, [2 * 108 + COUNT]: count }, (store) => expect(fetchNode(store, 108), `${count}`).toBe(false))
    }
  })

  /** What a scan up to 1000 fetches of the three leaves, the last of which begins at `last`, when it comes to a leaf. */
  function ahead(height: number, leaf: number, last = 1000): [number, number][] {
    return linesOf(height, family, (store) => {
      store.keys[parent + START + 2] = last
      fetchAhead(store, leaf, 1000)
    })
  }

  it('the first three lines of all leaves under the next node, when a scan comes to the first leaf under one, from a height of four on', () => {
    expect(ahead(4, leafBefore)).toEqual(leaves.flatMap((leaf) => [0, 1, 2].map((line) => [leaf, line])))
    expect(ahead(3, leafBefore)).toEqual([])
  })

  it('but not when it comes to another leaf, when the scan ends before the last one begins, nor behind the last node', () => {
    expect(linesOf(4, { ...family, [2 * (before + TAG)]: 628 }, (store) => fetchAhead(store, leafBefore, 1000))).toEqual([])
    expect(ahead(4, leafBefore, 1001)).toEqual([])
    expect(linesOf(4, family, (store) => fetchAhead(store, 108, 1000)).slice(1)).toEqual([])
  })

  it('by cursors over overlaps and over spans of a tree that high, which go by all of its leaves', () => {
    const starts = Array.from({ length: 16 * 15 ** 4 + 1 }, (_, k) => k * 16)
    const tree = IntervalTree.fromSorted(
      starts,
      starts.map((start) => start + 7),
    )
    expect(tree.store.height).toBeGreaterThanOrEqual(4)
    let seen = 0
    for (const cursor = tree.overlaps(0, 2 ** 40); !cursor.done; cursor.next()) if (cursor.start === starts[seen]) seen++
    expect(seen).toBe(starts.length)
    let spans = 0
    for (const cursor = tree.spans(0, 2 ** 40); !cursor.done; cursor.next()) if (cursor.start === spans * 8) spans++
    expect(spans).toBe(2 * starts.length)
  })

  it('asked for once a leaf', () => {
    const asked = (n: number, scan: (tree: IntervalTree) => { done: boolean; next(): void }): number => {
      const starts = Array.from({ length: n }, (_, k) => k * 16)
      const tree = IntervalTree.fromSorted(
        starts,
        starts.map((start) => start + 7),
      )
      return usesOf(tree, 'height', () => {
        for (const cursor = scan(tree); !cursor.done; cursor.next());
      })
    }
    for (const scan of [(tree: IntervalTree) => tree.overlaps(0, 2 ** 40), (tree: IntervalTree) => tree.spans(0, 2 ** 40)]) {
      // Ten leaves and two of them, both times under one root.
      expect(asked(10 * WIDTH, scan) - asked(2 * WIDTH, scan)).toBe(8)
    }
  })
})
