import type { Pages } from './pages.ts'

/** Charges or uncharges the owner for what changed since the last time (spec pages-and-io-pagetable A7). On ENOMEM nothing changes. O(1). */
export function settle(pages: Pages): void {
  const { npinned, lastNpinned } = pages
  if (npinned > lastNpinned) {
    pages.origin.accounting.charge(pages.accountMode, npinned - lastNpinned)
    pages.lastNpinned = npinned
  } else settleDown(pages)
}

/** The half of it that never fails: for taking down, also in the middle of an operation whose own pins were not charged yet. O(1). */
export function settleDown(pages: Pages): void {
  const { npinned, lastNpinned } = pages
  if (npinned >= lastNpinned) return
  pages.lastNpinned = npinned
  pages.origin.accounting.uncharge(pages.accountMode, lastNpinned - npinned)
}
