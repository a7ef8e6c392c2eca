// The naive tree that the models compare with: a list, searched from end to end. Keys are bigints, so that one oracle serves both trees.

export interface Node {
  readonly id: number
  readonly start: bigint
  readonly last: bigint
}

export interface Stretch {
  readonly isHole: boolean
  readonly start: bigint
  readonly last: bigint
}

export class NaiveTree {
  nodes: Node[] = []
  #nextId = 0

  /** Equal starts keep the order of insertion, since sorting is stable and ids are kept in that order. */
  insert(start: bigint, last: bigint): number {
    const id = this.#nextId++
    this.nodes.push({ id, start, last })
    this.nodes.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.id - b.id))
    return id
  }

  remove(id: number): void {
    this.nodes = this.nodes.filter((node) => node.id !== id)
  }

  overlaps(first: bigint, last: bigint): number[] {
    return this.nodes.filter((node) => node.start <= last && first <= node.last).map((node) => node.id)
  }

  covers(x: bigint): boolean {
    return this.nodes.some((node) => node.start <= x && x <= node.last)
  }

  /** Spans by compressed painting: between two neighbouring borders nothing changes. */
  spans(first: bigint, last: bigint): Stretch[] {
    const borders = new Set([first])
    for (const { start, last: end } of this.nodes)
      for (const border of [start, end + 1n]) if (border > first && border <= last) borders.add(border)
    const starts = [...borders].sort((a, b) => (a < b ? -1 : 1))
    const spans: { isHole: boolean; start: bigint; last: bigint }[] = []
    for (const [k, start] of starts.entries()) {
      const end = k + 1 < starts.length ? starts[k + 1]! - 1n : last
      const isHole = !this.covers(start)
      const before = spans.at(-1)
      if (before?.isHole === isHole) before.last = end
      else spans.push({ isHole, start, last: end })
    }
    return spans
  }
}

/** Spans of several trees, an earlier one over a later one, cut as spec data-structures 1.5 says. */
export function naiveNSpans(trees: readonly NaiveTree[], first: bigint, last: bigint): { usedBy: number; start: bigint; last: bigint }[] {
  const spans: { usedBy: number; start: bigint; last: bigint }[] = []
  for (let at = first; ; ) {
    const here = trees.map((tree) => tree.spans(at, last)[0]!)
    const user = here.findIndex((span) => !span.isHole)
    // What counts are the holes of all trees before the one that uses the index, and its own span.
    const counts = user < 0 ? here : here.slice(0, user + 1)
    let end = last
    for (const span of counts) if (span.last < end) end = span.last
    spans.push({ usedBy: user + 1, start: at, last: end })
    if (end === last) return spans
    at = end + 1n
  }
}

/** First position at or above `from` that is `phase` above a multiple of `alignment`, with `length` free indexes from it on, up to `last`. */
export function naiveFirstHole(
  tree: NaiveTree,
  length: bigint,
  from: bigint,
  last: bigint,
  alignment: bigint,
  phase: bigint,
): bigint | undefined {
  for (const span of tree.spans(from, last)) {
    if (!span.isHole) continue
    const position = span.start + ((((phase - span.start) % alignment) + alignment) % alignment)
    if (position <= span.last && span.last - position >= length - 1n) return position
  }
  return undefined
}
